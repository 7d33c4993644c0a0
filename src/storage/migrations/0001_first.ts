import { type CreateTableBuilder, sql as raw } from 'kysely';
import type { Sql } from '../sql.ts';
import type { Migration } from './migration.ts';

type Table = CreateTableBuilder<string, string>;

function columns(sql: Sql, table: Table, texts: readonly string[], integers: readonly string[] = []): Table {
  let all = table;
  for (const name of texts) all = all.addColumn(name, sql.types.text, (column) => column.notNull());
  for (const name of integers) all = all.addColumn(name, sql.types.integer, (column) => column.notNull());
  return all;
}

const PLACE = ['kind', 'account', 'region'];

function records(sql: Sql) {
  const { schema } = sql.db;
  return [
    columns(sql, schema.createTable('record') as Table, [...PLACE, 'id', 'body'], ['schema'])
      .addPrimaryKeyConstraint('record_pk', ['kind', 'account', 'region', 'id'] as never)
      .modifyEnd(sql.end.rows),
    columns(sql, schema.createTable('record_name') as Table, [...PLACE, 'name', 'value', 'id'])
      .addPrimaryKeyConstraint('record_name_pk', [...PLACE, 'name', 'value'] as never)
      .modifyEnd(sql.end.keyed),
    schema
      .createIndex('record_name_of')
      .on('record_name')
      .columns([...PLACE, 'id']),
    // Kind, name and value come first so that one index serves look-ups in a place, an account and everywhere.
    columns(sql, schema.createTable('record_index') as Table, ['kind', 'name', 'value', 'account', 'region', 'id'])
      .addPrimaryKeyConstraint('record_index_pk', ['kind', 'name', 'value', 'account', 'region', 'id'] as never)
      .modifyEnd(sql.end.keyed),
    schema
      .createIndex('record_index_of')
      .on('record_index')
      .columns([...PLACE, 'id']),
    columns(sql, schema.createTable('record_count') as Table, [...PLACE, 'name', 'value'], ['n'])
      .addPrimaryKeyConstraint('record_count_pk', [...PLACE, 'name', 'value'] as never)
      .modifyEnd(sql.end.keyed),
  ];
}

function events(sql: Sql) {
  const { schema } = sql.db;
  const { text } = sql.types;
  const required = ['account', 'service_name', 'event_name', 'event_id', 'event_rw', 'event_type', 'principal_id'];
  return [
    columns(
      sql,
      (schema.createTable('audit_event') as Table).addColumn('seq', sql.types.sequence),
      [...required, 'source_ip_address', 'body'],
      ['time'],
    )
      .addColumn('user_name', text)
      .addColumn('resource_type', text)
      .addColumn('resource_name', text)
      .addColumn('access_key_id', text)
      .addColumn('role_name', text)
      .modifyEnd(sql.end.rows),
    // No index on values that come at random, such as event ids: each event would touch a page of its own.
    schema.createIndex('audit_event_time').on('audit_event').columns(['account', 'time', 'seq']),
    schema
      .createIndex('audit_event_resource')
      .on('audit_event')
      .columns(['account', 'resource_name', 'time', 'seq'])
      .where('resource_name', 'is not', null),
  ];
}

function work(sql: Sql) {
  const { schema } = sql.db;
  const { text, integer } = sql.types;
  return [
    columns(sql, schema.createTable('nonce') as Table, ['key'], ['until'])
      .addPrimaryKeyConstraint('nonce_pk', ['key'] as never)
      .modifyEnd(sql.end.keyed),
    schema.createIndex('nonce_until').on('nonce').column('until'),
    columns(sql, schema.createTable('counter') as Table, ['name'], ['value'])
      .addPrimaryKeyConstraint('counter_pk', ['name'] as never)
      .modifyEnd(sql.end.keyed),
    columns(
      sql,
      schema.createTable('task') as Table,
      ['id', 'type', 'account', 'region', 'payload', 'state'],
      ['due', 'attempt'],
    )
      .addColumn('key', text)
      .addColumn('lease_owner', text)
      .addColumn('lease_until', integer)
      .addColumn('finished', integer)
      .addPrimaryKeyConstraint('task_pk', ['id'] as never)
      .modifyEnd(sql.end.rows),
    schema.createIndex('task_key').unique().on('task').column('key').where(raw.ref('state'), '=', 'pending'),
    schema.createIndex('task_due').on('task').columns(['due', 'id']).where(raw.ref('state'), '=', 'pending'),
    schema.createIndex('task_finished').on('task').column('finished').where(raw.ref('state'), '=', 'done'),
    columns(
      sql,
      (schema.createTable('change') as Table).addColumn('seq', sql.types.sequence),
      ['node', 'what'],
      ['at'],
    ).modifyEnd(sql.end.rows),
    columns(sql, schema.createTable('meta') as Table, ['key', 'value'])
      .addPrimaryKeyConstraint('meta_pk', ['key'] as never)
      .modifyEnd(sql.end.keyed),
    sql.db.insertInto('meta').values({ key: 'product', value: 'coffer' }),
  ];
}

/** Records with their names, indexes and counts; audit events; nonces, counters, tasks and the change log. */
export const first: Migration = {
  number: 1,
  name: 'first',
  statements: (sql) => [...records(sql), ...events(sql), ...work(sql)],
};
