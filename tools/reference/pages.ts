import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PRODUCTS, type ProductName } from '../../src/domain/products.ts';
import { ERRORS } from '../../src/errors/table.ts';
import type { Operation } from '../../src/operation/operation.ts';
import { ConfigSchema } from '../../src/server/config/schema.ts';
import { generated, tableOf } from './markdown.ts';

/** Every error code, with what to do. */
export function errorPage(operations: readonly Operation[]): string {
  const users = new Map<string, string[]>();
  for (const operation of operations)
    for (const code of operation.errors) users.set(code, [...(users.get(code) ?? []), operation.name]);
  const rows = Object.entries(ERRORS)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([code, row]) => [
      `\`${code}\``,
      String(row.status),
      row.message,
      row.advice,
      row.origin === 'coffer' ? 'ours' : '',
      (users.get(code) ?? []).slice(0, 6).join(', '),
    ]);
  return `${generated('Errors')}\nTexts marked *ours* are Coffer's own, for what the vendor publishes no code; all others are the vendor's, misspellings included.\nParameters left out or wrong are \`MissingParameter\` and \`InvalidParameter\` in KMS, and \`Missing<Parameter>\` and \`InvalidParameter.<Parameter>…\` elsewhere.\n\n${tableOf(['Code', 'HTTP', 'Message', 'What to do', '', 'Raised by'], rows)}\n`;
}

/** Every permission there is, as RAM policies name it. */
export function permissionPage(operations: readonly Operation[]): string {
  const rows = operations.flatMap((operation) =>
    operation.permissions === 'none'
      ? []
      : operation.permissions.map((permission) => [
          `\`${permission.action}\``,
          `\`${permission.resource}\``,
          Object.keys(permission.conditions ?? {})
            .map((key) => `\`${key}\``)
            .join(', '),
          `${operation.product} ${operation.name}`,
        ]),
  );
  return `${generated('Permissions')}\n${tableOf(
    ['Action', 'Resource', 'Condition keys', 'Operation'],
    rows.sort((a, b) => (a[0]! + a[3]! < b[0]! + b[3]! ? -1 : 1)),
  )}\n`;
}

interface SchemaNode {
  readonly type?: string;
  readonly description?: string;
  readonly default?: unknown;
  readonly const?: unknown;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly properties?: Readonly<Record<string, SchemaNode>>;
  readonly items?: SchemaNode;
  readonly anyOf?: readonly SchemaNode[];
}

function typeText(node: SchemaNode): string {
  if (node.const !== undefined) return `\`${String(node.const)}\``;
  if (node.anyOf?.every((branch) => branch.const !== undefined))
    return node.anyOf.map((branch) => `\`${String(branch.const)}\``).join(', ');
  const range =
    node.minimum !== undefined || node.maximum !== undefined ? ` ${node.minimum ?? ''}-${node.maximum ?? ''}` : '';
  return (node.type === 'array' ? 'list' : (node.type ?? '')) + range;
}

function configRows(node: SchemaNode, path: string): string[][] {
  return Object.entries(node.properties ?? {}).flatMap(([key, inner]) => {
    const name = path === '' ? key : `${path}.${key}`;
    const branches = inner.anyOf?.filter((branch) => branch.properties !== undefined) ?? [];
    const inside = inner.items === undefined ? inner : inner.items;
    const itemBranches = inner.items?.anyOf?.filter((branch) => branch.properties !== undefined) ?? [];
    const fallback = inner.default === undefined ? '' : `\`${JSON.stringify(inner.default)}\``;
    const prefix = inner.items === undefined ? name : `${name}[]`;
    return [
      [`\`${name}\``, typeText(inner), fallback, inner.description ?? ''],
      ...[...branches, ...itemBranches].flatMap((branch) => configRows(branch, prefix)),
      ...(branches.length + itemBranches.length === 0 ? configRows(inside, prefix) : []),
    ];
  });
}

/** The configuration file, key by key. */
export function configurationPage(): string {
  return `${generated('Configuration')}\nA YAML file given to \`coffer serve --config FILE\`. Every key is optional unless said otherwise; unknown keys are refused.\n\n${tableOf(['Key', 'Type', 'Default', 'Meaning'], configRows(ConfigSchema as SchemaNode, ''))}\n`;
}

/** What of the vendor's published API exists here, honestly. */
export function coveragePage(operations: readonly Operation[], vectors: string): string {
  const deviations = JSON.parse(readFileSync(join(vectors, 'deviations.json'), 'utf8')) as Record<string, string>;
  const products: ProductName[] = ['Kms', 'Ram', 'Sts', 'ResourceManager', 'Ecs', 'Vpc', 'ActionTrail'];
  const parts = products.map((product) => {
    const vendor = JSON.parse(readFileSync(join(vectors, `${product}.json`), 'utf8')) as Record<string, unknown>;
    const rows = Object.keys(vendor).map((name) => {
      const done = operations.some((operation) => operation.product === product && operation.name === name);
      const differs = Object.entries(deviations).filter(([key]) => key.startsWith(`${product}/${name}/`));
      const text = differs.map(([key, reason]) => `${key.split('/')[2]}: ${reason}`).join(' ');
      return [name, done ? (differs.length > 0 ? 'differs' : 'same') : 'not done', text];
    });
    const done = rows.filter((row) => row[1] !== 'not done').length;
    return `## ${PRODUCTS[product].name} ${PRODUCTS[product].version}: ${done} of ${rows.length}\n\n${tableOf(['Operation', 'State', 'Differences in parameters'], rows)}`;
  });
  const extensions = operations.filter(
    (operation) => operation.origin === 'extension' || !products.includes(operation.product),
  );
  const added = tableOf(
    ['Operation', 'What it does'],
    extensions.map((operation) => [`${operation.product} ${operation.name}`, operation.title]),
  );
  return `${generated('Coverage')}\nCompared with the vendor's published parameters (August 2026). *same*: parameters, types and required flags agree.\n\n${parts.join('\n\n')}\n\n## Beyond the vendor's published metadata\n\n${added}\n`;
}
