/**
 * A request's parameters after decoding: names are case-sensitive, values are text, structures are flattened to
 * dotted names (`Tag.1.Key`). `wire` makes them; the schema reads them.
 */
export interface Parameters {
  get(name: string): string | undefined;
  /** Values of `prefix.N`, ordered by N. */
  list(prefix: string): readonly string[];
  /** The groups `prefix.N.…`, ordered by N. */
  structs(prefix: string): readonly Parameters[];
  /** The group `prefix.…`. */
  group(prefix: string): Parameters;
  /** All names, in no particular order. */
  names(): Iterable<string>;
}
