import type { Compilable } from 'kysely';
import type { Sql } from '../sql.ts';

/** One step of the schema. Never edited once released: its compiled statements' checksum is recorded. */
export interface Migration {
  /** 1, 2, 3, … without gaps. */
  readonly number: number;
  readonly name: string;
  readonly statements: (sql: Sql) => readonly Compilable[];
}
