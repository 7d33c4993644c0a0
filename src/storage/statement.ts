export type Value = string | number | null;

/** One compiled statement. */
export interface Statement {
  readonly sql: string;
  readonly parameters: readonly Value[];
}
