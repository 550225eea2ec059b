import { DuckDBInstance } from '@duckdb/node-api';
import { SAMPLE_RATE_FIELD } from '../../../../src/core/fields/core-fields.ts';
import type { FieldType } from '../../../../src/core/fields/field-type.ts';
import type { QuerySource } from '../../../../src/core/query/run/run-query.ts';
import type { Field } from '../../../../src/core/store/store.ts';

/** A row as tests write it: fields by name, absent where missing. */
export interface TestRow {
  /** Nanoseconds since the epoch. */
  readonly time: bigint;
  readonly dataset: string;
  /** How many events it stands for; absent: one. */
  readonly rate?: number;
  readonly fields: Readonly<Record<string, string | number | boolean | undefined>>;
}

/** Nanoseconds after its time that a row was received. */
export const RECEIVED_AFTER = 1_500_000_000n;

const SQL_TYPES = { string: 'VARCHAR', integer: 'BIGINT', float: 'DOUBLE', boolean: 'BOOLEAN' } as const;

export interface TestSource extends QuerySource {
  /** Statements that were read, with their values. */
  readonly statements: { sql: string; values: readonly unknown[] }[];
  close(): void;
}

/**
 * A table of the store's shape in memory, with field types of the test's choosing.
 * @param pretendedRows how many rows it says it has, where queries depend on it
 */
export async function duckdbSource(
  types: ReadonlyMap<string, FieldType>,
  rows: readonly TestRow[],
  pretendedRows?: number,
): Promise<TestSource> {
  const instance = await DuckDBInstance.create(':memory:', { threads: '2' });
  const connection = await instance.connect();
  const fields = new Map<string, Field>();
  for (const [name, type] of types) {
    fields.set(name, { name, type, sql: `"f${fields.size}"`, spilled: false, created: 0, lastWritten: 0 });
  }
  const columns = [...fields.values()].map((field) => `${field.sql} ${SQL_TYPES[field.type]}`);
  await connection.run(
    `CREATE TABLE spans (_seq BIGINT, _time BIGINT, _received BIGINT, _dataset VARCHAR, _rate BIGINT, ${columns.join(', ')})`,
  );
  const appender = await connection.createAppender('spans');
  for (const [seq, row] of rows.entries()) {
    appender.appendBigInt(BigInt(seq));
    appender.appendBigInt(row.time);
    appender.appendBigInt(row.time + RECEIVED_AFTER);
    appender.appendVarchar(row.dataset);
    if (row.rate === undefined) appender.appendNull();
    else appender.appendBigInt(BigInt(row.rate));
    for (const field of fields.values()) {
      const value = row.fields[field.name];
      if (value === undefined) appender.appendNull();
      else if (field.type === 'integer') appender.appendBigInt(BigInt(value));
      else if (field.type === 'float') appender.appendDouble(Number(value));
      else if (field.type === 'boolean') appender.appendBoolean(value === true);
      else appender.appendVarchar(String(value));
    }
    appender.endRow();
  }
  appender.closeSync();
  const statements: TestSource['statements'] = [];
  const rateField: Field = {
    name: SAMPLE_RATE_FIELD,
    type: 'integer',
    sql: '_rate',
    spilled: false,
    created: 0,
    lastWritten: 0,
  };
  return {
    statements,
    fields: () => fields,
    sampleRate: () => (rows.some(({ rate }) => rate !== undefined) ? rateField : undefined),
    stats: () => ({ rows: pretendedRows ?? rows.length, logs: 0 }),
    read: async (sql, values = [], options = {}) => {
      options.signal?.throwIfAborted();
      statements.push({ sql, values });
      const reader = await connection.runAndReadAll(sql, values as never);
      const safe = reader.getRowsJS().map((row) => row.map((value) => narrow(value)));
      return { rows: safe };
    },
    close: () => {
      connection.closeSync();
      instance.closeSync();
    },
  };
}

/** BIGINT as the store's read gives it: a number when it is safe to. */
function narrow(value: unknown): unknown {
  if (typeof value !== 'bigint') return value;
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}
