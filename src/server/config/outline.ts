import { type GenericSchema, getDescription } from 'valibot';

/** What a place of the configuration file may hold, as plain data: for the reference page, and for finding slips. */
export interface Outline {
  readonly type: 'object' | 'list' | 'string' | 'integer' | 'boolean' | 'one of several' | 'words' | 'any keys';
  readonly description: string;
  /** It may not be left out. */
  readonly required: boolean;
  /** What counts when it is left out. */
  readonly fallback?: unknown;
  /** Of an object. */
  readonly members?: ReadonlyMap<string, Outline>;
  /** Of a list. */
  readonly items?: Outline;
  /** Of one of several. */
  readonly branches?: readonly Outline[];
  /** Of one of several: the member that tells the branches apart. */
  readonly by?: string;
  /** The texts or numbers that are possible, where not all are. */
  readonly words?: readonly unknown[];
  readonly least?: number;
  readonly most?: number;
}

/** What schemas look like at run time, as far as the configuration uses them. */
interface Node {
  readonly type: string;
  readonly pipe?: readonly { readonly type: string; readonly requirement?: unknown }[];
  readonly wrapped?: Node;
  readonly default?: unknown;
  readonly entries?: Readonly<Record<string, Node>>;
  readonly item?: Node;
  readonly options?: readonly unknown[];
  readonly literal?: unknown;
  readonly key?: string;
}

function limits({ pipe = [] }: Node): Pick<Outline, 'least' | 'most'> {
  const of = (type: string) => pipe.find((action) => action.type === type)?.requirement as number | undefined;
  const [least, most] = [of('min_value'), of('max_value')];
  return { ...(least !== undefined && { least }), ...(most !== undefined && { most }) };
}

function content(node: Node): Omit<Outline, 'description' | 'required' | 'fallback'> {
  switch (node.type) {
    case 'object':
      return {
        type: 'object',
        members: new Map(Object.entries(node.entries!).map(([key, member]) => [key, outlined(member)])),
      };
    case 'array':
      return { type: 'list', items: outlined(node.item!) };
    case 'variant':
      return { type: 'one of several', branches: (node.options as readonly Node[]).map(outlined), by: node.key! };
    case 'literal':
      return { type: 'words', words: [node.literal] };
    case 'picklist':
      return { type: 'words', words: node.options! };
    case 'record':
      return { type: 'any keys' };
    case 'number':
      return { type: 'integer', ...limits(node) };
    case 'string':
    case 'boolean':
      return { type: node.type };
    default:
      throw new Error(`the configuration's outline does not know ${node.type}`);
  }
}

function outlined(node: Node): Outline {
  if (node.wrapped !== undefined) {
    const { default: fallback, wrapped } = node;
    return { ...outlined(wrapped), required: false, ...(fallback !== undefined && { fallback }) };
  }
  const description = getDescription(node as unknown as GenericSchema) ?? '';
  return { ...content(node), description, required: true };
}

/** The outline of a schema. */
export function outlineOf(schema: GenericSchema): Outline {
  return outlined(schema as unknown as Node);
}
