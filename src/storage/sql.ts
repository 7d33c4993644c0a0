/** Kysely as a compiler only: the same queries for both engines, compiled once, run by the engines themselves. */
import {
  type Compilable,
  DummyDriver,
  Kysely,
  PostgresAdapter,
  PostgresIntrospector,
  PostgresQueryCompiler,
  type RawBuilder,
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
  sql,
} from 'kysely';
import type { Statement, Value } from './statement.ts';
import type { Tables } from './tables.ts';

/** What the queries and migrations must know about the engine they are compiled for. */
export interface Sql {
  readonly db: Kysely<Tables>;
  /** Claims on rows by concurrent transactions are told apart by row locks. */
  readonly rowLocks: boolean;
  readonly types: {
    /** Text that sorts by its bytes. */
    readonly text: RawBuilder<unknown>;
    readonly integer: RawBuilder<unknown>;
    /** A number that grows with each insert. */
    readonly sequence: RawBuilder<unknown>;
  };
  /** What follows a table's columns: whether it is stored in the order of its primary key. */
  readonly end: { readonly rows: RawBuilder<unknown>; readonly keyed: RawBuilder<unknown> };
}

export function sqliteSql(): Sql {
  return {
    db: new Kysely<Tables>({
      dialect: {
        createAdapter: () => new SqliteAdapter(),
        createDriver: () => new DummyDriver(),
        createIntrospector: (db) => new SqliteIntrospector(db),
        createQueryCompiler: () => new SqliteQueryCompiler(),
      },
    }),
    rowLocks: false,
    types: { text: sql`text`, integer: sql`integer`, sequence: sql`integer primary key autoincrement` },
    end: { rows: sql`strict`, keyed: sql`strict, without rowid` },
  };
}

export function postgresSql(): Sql {
  return {
    db: new Kysely<Tables>({
      dialect: {
        createAdapter: () => new PostgresAdapter(),
        createDriver: () => new DummyDriver(),
        createIntrospector: (db) => new PostgresIntrospector(db),
        createQueryCompiler: () => new PostgresQueryCompiler(),
      },
    }),
    rowLocks: true,
    types: {
      text: sql`text collate "C"`,
      integer: sql`bigint`,
      sequence: sql`bigint generated always as identity primary key`,
    },
    end: { rows: sql``, keyed: sql`` },
  };
}

/** Compiles a query that runs once. */
export function statement(query: Compilable): Statement {
  const { sql: text, parameters } = query.compile();
  return { sql: text, parameters: parameters as readonly Value[] };
}

/** Stands for values to come while a query is compiled. */
export interface Slots<P> {
  text(name: keyof P & string): string;
  number(name: keyof P & string): number;
}

/** Compiles a query once; the result binds values to it. */
export function template<P extends { readonly [name: string]: Value }>(
  build: (slot: Slots<P>) => Compilable,
): (values: P) => Statement {
  const names = new Map<unknown, keyof P & string>();
  const query = build({
    text: (name) => {
      const mark = `\u0000${name}`;
      names.set(mark, name);
      return mark;
    },
    number: (name) => {
      const mark = -1e15 - names.size;
      names.set(mark, name);
      return mark;
    },
  }).compile();
  const parts = query.parameters.map((value) => ({ name: names.get(value), value: value as Value }));
  const text = query.sql;
  return (values) => ({
    sql: text,
    parameters: parts.map(({ name, value }) => (name === undefined ? value : values[name]!)),
  });
}
