/** A column of a statement: its SQL, and what its value is in a row. */
interface Column<T> {
  readonly sql: string;
  readonly read: (value: unknown) => T;
}

type Columns = Readonly<Record<string, Column<unknown>>>;

/** A row of named columns. */
export type RowOf<C extends Columns> = { readonly [Name in keyof C]: ReturnType<C[Name]['read']> };

/**
 * The columns of a statement by their names: `sql` for SELECT, and `rowOf` for each row of the result, whose first columns they
 * are. `length` is their number.
 * @example
 * const columns = namedColumns({ service: text('service'), spans: number('count(*)') });
 * const { rows } = await store.read(`SELECT ${columns.sql} FROM s GROUP BY service`);
 * for (const { service, spans } of rows.map(columns.rowOf)) …
 */
export function namedColumns<C extends Columns>(columns: C) {
  const entries = Object.entries(columns);
  return {
    sql: entries.map(([name, { sql }]) => `${sql} AS "${name}"`).join(', '),
    rowOf: (row: readonly unknown[]) =>
      Object.fromEntries(entries.map(([name, { read }], at) => [name, read(row[at])])) as RowOf<C>,
    length: entries.length,
  };
}

/** A text; empty for NULL. */
export const text = (sql: string): Column<string> => ({ sql, read: (value) => String(value ?? '') });

/** A text; undefined for NULL. */
export const textOrNone = (sql: string): Column<string | undefined> => ({
  sql,
  read: (value) => (value === null || value === undefined ? undefined : String(value)),
});

/** A number; 0 for NULL. */
export const number = (sql: string): Column<number> => ({ sql, read: (value) => Number(value ?? 0) });

/** A number; undefined for NULL. */
export const numberOrNone = (sql: string): Column<number | undefined> => ({
  sql,
  read: (value) => (value === null || value === undefined ? undefined : Number(value)),
});

/** A time, or another number beyond 2^53; 0 for NULL. */
export const bigint = (sql: string): Column<bigint> => ({
  sql,
  read: (value) => BigInt((value ?? 0) as number | bigint),
});

/** A condition; NULL is false. */
export const flag = (sql: string): Column<boolean> => ({ sql, read: (value) => value === true });

/** Bytes; empty for NULL. */
export const bytes = (sql: string): Column<Uint8Array> => ({
  sql,
  read: (value) => (value ?? new Uint8Array()) as Uint8Array,
});

/** A list of numbers; empty for NULL. */
export const numbers = (sql: string): Column<number[]> => ({
  sql,
  read: (value) => ((value ?? []) as unknown[]).map(Number),
});

/** A list whose entries have one type; empty for NULL. */
export const list = <T>(sql: string): Column<readonly T[]> => ({
  sql,
  read: (value) => (value ?? []) as readonly T[],
});
