import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PRODUCTS, type ProductName } from '../../src/domain/products.ts';
import { ERRORS } from '../../src/errors/table.ts';
import type { Operation } from '../../src/operation/operation.ts';
import { anchor, errorAnchor, generated, sentence, tableOf } from './markdown.ts';
import { permissionsOf } from './permissions.ts';

const NAMED_USERS = 5;

function raisedBy(names: readonly string[]): string {
  const more = names.length - NAMED_USERS;
  if (more <= 1) return names.join(', ');
  return `${names.slice(0, NAMED_USERS).join(', ')} and ${more} more`;
}

/** Every error code, with what to do. */
export function errorPage(operations: readonly Operation[]): string {
  const users = new Map<string, Set<string>>();
  for (const operation of operations)
    for (const code of operation.errors) users.set(code, (users.get(code) ?? new Set()).add(operation.name));
  const rows = Object.entries(ERRORS)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([code, row]) => [
      `<a id="${errorAnchor(code)}"></a>\`${code}\``,
      String(row.status),
      row.message,
      row.advice,
      row.origin === 'coffer' ? 'ours' : 'vendor',
      raisedBy([...(users.get(code) ?? [])]),
    ]);
  const text = [
    "Texts marked *ours* are Coffer's own, for what the vendor publishes no code. All others are the vendor's, misspellings included; where its products or pages word one code differently, one of the texts.",
    'Where no operation is named, the request is refused before any operation runs, or many operations share the rule.',
    'A parameter left out or wrong is `MissingParameter` and `InvalidParameter` in KMS and Coffer, and `Missing<Parameter>` and `InvalidParameter.<Parameter>…` elsewhere.',
  ].join('\n');
  return `${generated('Errors')}\n${text}\n\n${tableOf(['Code', 'HTTP', 'Message', 'What to do', 'Whose text', 'Raised by'], rows)}\n`;
}

/** Every permission there is, as RAM policies name it. */
export function permissionPage(operations: readonly Operation[]): string {
  const rows = operations.flatMap((operation) =>
    permissionsOf(operation, operations).map(({ action, resource, conditions, when }) => [
      `\`${action}\``,
      `\`${resource}\``,
      conditions,
      `${operation.product} ${operation.name}${when === '' ? '' : `, ${when}`}`,
    ]),
  );
  const text =
    'The actions and resources that policies name. An operation with several rows needs all of them. Where a resource is named by an alias or not found, the ARN is made of what was sent.';
  return `${generated('Permissions')}\n${text}\n\n${tableOf(
    ['Action', 'Resource', 'Condition keys', 'Operation'],
    rows.sort((a, b) => (a[0]! + a[3]! < b[0]! + b[3]! ? -1 : 1)),
  )}\n`;
}

/** What of the vendor's published API exists here, honestly. */
export function coveragePage(operations: readonly Operation[], vectors: string): string {
  const deviations = JSON.parse(readFileSync(join(vectors, 'deviations.json'), 'utf8')) as Record<string, string>;
  const products: ProductName[] = ['Kms', 'Ram', 'Sts', 'ResourceManager', 'Ecs', 'Vpc', 'ActionTrail'];
  const summary: string[][] = [];
  const parts = products.map((product) => {
    const { name: title, version } = PRODUCTS[product];
    const vendor = JSON.parse(readFileSync(join(vectors, `${product}.json`), 'utf8')) as Record<string, unknown>;
    const names = Object.keys(vendor);
    const isDone = (name: string): boolean =>
      operations.some((operation) => operation.product === product && operation.name === name);
    const rows = names.filter(isDone).map((name) => {
      const differs = Object.entries(deviations).filter(([key]) => key.startsWith(`${product}/${name}/`));
      const text = differs.map(([key, reason]) => `\`${key.split('/')[2]}\`: ${sentence(reason)}`).join(' ');
      return [name, differs.length > 0 ? 'differs' : 'same', text];
    });
    const missing = names.filter((name) => !isDone(name));
    summary.push([
      `[${title} ${version}](#${anchor(`${title} ${version}`)})`,
      String(rows.length),
      String(names.length),
    ]);
    const rest = missing.length === 0 ? '' : `\n\nNot done: ${missing.map((name) => `\`${name}\``).join(', ')}.`;
    const flags = deviations[`${product}/*/required`];
    const note =
      flags === undefined ? '' : `Where only we require a parameter, it counts as *same*: ${sentence(flags)}\n\n`;
    return `## ${title} ${version}\n\n${note}${tableOf(['Operation', 'Parameters', 'Differences'], rows)}${rest}`;
  });
  const added = tableOf(
    ['Operation', 'What it does', 'Whose'],
    operations
      .filter((operation) => operation.origin === 'extension' || !products.includes(operation.product))
      .map(({ product, name, title, origin }) => [
        `${product} ${name}`,
        sentence(title),
        origin === 'extension' ? 'ours' : "the vendor's",
      ]),
  );
  const text = [
    "Compared with the vendor's published parameters (August 2026). *same*: parameters, types and required flags agree, but for what a product's heading says; a test compares.",
    'Of ECS, VPC and ResourceManager only the operations that private key stores need are compared.',
    "Of the HSM service no metadata of this version is published: operations marked *the vendor's* have its names; their parameters follow its SDKs as far as these are public.",
  ].join('\n');
  const beyond = "Beyond the vendor's published metadata";
  return `${generated('Coverage')}\n${text}\n\n${tableOf(['Product', 'Done', 'Published'], summary)}\n\n${parts.join('\n\n')}\n\n## ${beyond}\n\n${added}\n`;
}
