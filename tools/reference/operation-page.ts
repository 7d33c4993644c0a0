import { PRODUCTS, type ProductName } from '../../src/domain/products.ts';
import type { Operation } from '../../src/operation/operation.ts';
import type { InputFields } from '../../src/schema/field.ts';
import type { OutputFields } from '../../src/schema/output.ts';
import { errorLink, generated, sentence, tableOf } from './markdown.ts';
import { permissionsOf } from './permissions.ts';

/** Where the tables are that checks speak of. */
const TABLES: Readonly<Partial<Record<ProductName, string>>> = {
  Kms: 'Tables: [key states](../inside/key-states.md), [connection states](../inside/key-store-connection.md).',
  Hsm: 'Tables: [states of HSMs and clusters](../guides/hsms.md#states).',
  ActionTrail: 'What events hold: [audit](../guides/audit.md).',
};

const EXTENSION = '*An addition of Coffer; the vendor publishes no such operation.*';

function inputRows(fields: InputFields, prefix = ''): string[][] {
  return Object.entries(fields).flatMap(([name, field]) => {
    const limits = [field.limits, field.fallback === undefined ? '' : `default \`${String(field.fallback)}\``]
      .filter(Boolean)
      .join('; ');
    const row = [
      `\`${prefix}${name}\``,
      field.type,
      field.required ? 'yes' : 'no',
      [field.doc, limits && `(${limits})`, field.secret ? 'Never logged.' : ''].filter(Boolean).join(' '),
    ];
    return [row, ...(field.members === undefined ? [] : inputRows(field.members, `${prefix}${name}.N.`))];
  });
}

function outputRows(fields: OutputFields, prefix = ''): string[][] {
  return Object.entries(fields).flatMap(([name, field]) => {
    const path = `${prefix}${name}`;
    const own =
      field.doc === '' ? [] : [[`\`${path}\``, field.type, field.doc + (field.secret ? ' Never logged.' : '')]];
    return [...own, ...(field.members === undefined ? [] : outputRows(field.members, `${path}.`))];
  });
}

function permissionRows(operation: Operation, all: readonly Operation[]): string[][] {
  return permissionsOf(operation, all).map(({ action, resource, conditions, when }) => [
    `\`${action}\``,
    `\`${resource}\``,
    [conditions, when && `only ${when}`].filter(Boolean).join('; '),
  ]);
}

function section(operation: Operation, all: readonly Operation[]): string {
  const parts = [
    `## ${operation.name}`,
    sentence(operation.title) + (operation.origin === 'extension' ? ` ${EXTENSION}` : ''),
    operation.notes,
    `${operation.access === 'Write' ? 'Changes state.' : 'Changes no state.'} Throttled with the class \`${operation.throttle}\`.${operation.postOnly ? ' POST only.' : ''}`,
    tableOf(['Parameter', 'Type', 'Required', 'Meaning'], inputRows(operation.input)) || 'No parameters.',
    tableOf(['Answer', 'Type', 'Meaning'], outputRows(operation.output)) || 'The answer holds only `RequestId`.',
    operation.permissions === 'none'
      ? 'Needs no permission: any authenticated caller may.'
      : tableOf(['Action needed', 'Resource', 'Condition keys'], permissionRows(operation, all)),
    operation.guards.length === 0 ? '' : `Checks: ${operation.guards.map((guard) => guard.doc).join(' ')}`,
    operation.errors.length === 0 ? '' : `Errors: ${operation.errors.map(errorLink).join(', ')}.`,
  ];
  return parts.filter(Boolean).join('\n\n');
}

/** The reference page of one product. */
export function operationPage(name: ProductName, operations: readonly Operation[]): string {
  const product = PRODUCTS[name];
  const own = operations.filter((operation) => operation.product === name);
  const list = tableOf(
    ['Operation', 'What it does'],
    own.map((operation) => [`[${operation.name}](#${operation.name.toLowerCase()})`, sentence(operation.title)]),
  );
  const reach = product.global
    ? 'Its resources belong to the account, in no region.'
    : 'Its resources belong to one region of the account.';
  const head = `Version \`${product.version}\`, endpoint \`${product.host('<region>')}\`, service code \`${product.ramCode}\` in policies. ${reach}\nErrors that any call can meet are on the [page of errors](errors.md).${TABLES[name] === undefined ? '' : `\n${TABLES[name]}`}`;
  return `${generated(`${product.name} ${product.version}`)}\n${head}\n\n${list}\n\n${own.map((operation) => section(operation, operations)).join('\n\n')}\n`;
}
