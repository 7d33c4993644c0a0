import type { TSchema } from 'typebox';
import { Errors } from 'typebox/value';

/** As much of a schema as saying what is wrong takes. */
interface Node {
  readonly anyOf?: readonly Node[];
  readonly const?: unknown;
  readonly properties?: Readonly<Record<string, Node>>;
  /** Of a map with keys of any name: what each value must be. */
  readonly patternProperties?: Readonly<Record<string, Node>>;
  readonly required?: readonly string[];
  readonly items?: Node;
}

function isMap(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** What the validator says of the value itself, not of what is inside. */
function own(node: Node, value: unknown, path: string): string[] {
  return Errors(node as TSchema, value)
    .filter((error) => error.instancePath === '')
    .map((error) => `${path || '(top)'}: ${error.message}`);
}

function oneOf(path: string, values: readonly unknown[]): string {
  return `${path}: must be one of ${values.join(', ')}`;
}

/** Alternatives are told apart by the member that is a constant in each of them. */
function ofAlternatives(branches: readonly Node[], value: unknown, path: string): string[] {
  if (branches.every((branch) => branch.const !== undefined)) {
    const words = branches.map((branch) => branch.const);
    return words.includes(value) ? [] : [oneOf(path, words)];
  }
  if (!isMap(value)) return own(branches[0]!, value, path);
  const [name] = Object.entries(branches[0]!.properties ?? {}).find(([, member]) => member.const !== undefined)!;
  const chosen = branches.find((branch) => branch.properties?.[name]?.const === value[name]);
  if (chosen !== undefined) return inspect(chosen, value, path);
  return [
    oneOf(
      `${path}.${name}`,
      branches.map((branch) => branch.properties?.[name]?.const),
    ),
  ];
}

function inspect(node: Node, value: unknown, path: string): string[] {
  const inside = (key: string | number) => (path === '' ? String(key) : `${path}.${key}`);
  if (node.anyOf !== undefined) return ofAlternatives(node.anyOf, value, path);
  if (node.properties !== undefined && isMap(value)) {
    return Object.entries(node.properties).flatMap(([key, member]) => {
      if (value[key] !== undefined) return inspect(member, value[key], inside(key));
      return node.required?.includes(key) ? [`${inside(key)}: is missing`] : [];
    });
  }
  const [ofAny] = Object.values(node.patternProperties ?? {});
  if (ofAny !== undefined && isMap(value)) {
    return Object.entries(value).flatMap(([key, member]) => inspect(ofAny, member, inside(key)));
  }
  if (node.items !== undefined && Array.isArray(value)) {
    const { items } = node;
    return [...own(node, value, path), ...value.flatMap((item, index) => inspect(items, item, inside(index)))];
  }
  return own(node, value, path);
}

/** What is wrong with a value, each with its place; empty when it fits the schema. Unknown keys are not looked at. */
export function problemsOf(schema: TSchema, value: unknown): string[] {
  return inspect(schema as Node, value, '');
}
