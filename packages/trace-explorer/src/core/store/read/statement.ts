import type {
  DuckDBConnection,
  DuckDBDataChunk,
  DuckDBPreparedStatement,
  DuckDBValueConverter,
  JS,
} from '@duckdb/node-api';
import { JSDuckDBValueConverter, StatementType } from '@duckdb/node-api';
import { loopYielder } from '../../../lib/node/task-queue.ts';
import type { Deadline } from '../../../lib/time/deadline.ts';
import { busy } from '../store-error.ts';

/** Rows of one statement; a safe BIGINT as a number, any other as a bigint; BLOB as Uint8Array. */
export interface ReadResult {
  readonly rows: readonly (readonly unknown[])[];
}

export interface ReadOptions {
  readonly signal?: AbortSignal;
  /**
   * One deadline for all statements of a request. A request that waits for a reader until then is refused (STORE_BUSY). A
   * statement that runs until then, or until its request has used its time, is interrupted (`tooLate`). Without a deadline
   * a statement waits for a reader for at most 15 s, and ends after 60 s.
   */
  readonly deadline?: Deadline;
  /** Called with each row. The result then has no rows: moving a hundred thousand rows would be half the work. */
  readonly take?: (row: readonly unknown[]) => void;
  /** For a statement about one trace or span, which does not wait for statements that scan the store. */
  readonly short?: boolean;
  /** For a statement that may take much of DuckDB's memory: one of these runs at a time. */
  readonly large?: boolean;
}

/**
 * Runs one SELECT.
 * @throws TypeError for any other statement, DuckDB's error, STORE_BUSY when rows are missing for an unknown reason
 */
export async function run(
  connection: DuckDBConnection,
  sql: string,
  values: readonly unknown[],
  { take }: Pick<ReadOptions, 'take'>,
): Promise<ReadResult> {
  const statement = await connection.prepare(sql);
  try {
    if (statement.statementType !== StatementType.SELECT)
      throw new TypeError('The store reads with SELECT statements only');
    bindAll(statement, values);
    // Not all chunks at once: they would take memory, which only the garbage collector frees.
    const result = await statement.stream();
    const rows: unknown[][] = [];
    const keep = take ?? ((row: unknown[]) => void rows.push(row));
    const turn = loopYielder();
    for (;;) {
      const chunk = await result.fetchChunk();
      if (chunk === null || chunk.rowCount === 0) break;
      for (const row of rowsOf(chunk)) keep(row);
      await turn();
    }
    // After an error or an interrupt the driver (1.5) gives no further chunk either, and tells only that this is no stream.
    if (result.isStreaming) return { rows };
    await findError(connection, sql, values);
    throw busy('Reading ended before its last row', 1);
  } finally {
    statement.destroySync();
  }
}

/** Runs a statement again without taking its rows. @throws DuckDB's error, if there is one again */
async function findError(
  connection: DuckDBConnection,
  sql: string,
  values: readonly unknown[],
): Promise<void> {
  const statement = await connection.prepare(`EXPLAIN ANALYZE ${sql}`);
  try {
    bindAll(statement, values);
    await statement.run();
  } finally {
    statement.destroySync();
  }
}

function bindAll(statement: DuckDBPreparedStatement, values: readonly unknown[]): void {
  for (const [index, value] of values.entries()) bind(statement, index + 1, value);
}

function bind(statement: DuckDBPreparedStatement, index: number, value: unknown): void {
  if (typeof value === 'string') statement.bindVarchar(index, value);
  else if (typeof value === 'boolean') statement.bindBoolean(index, value);
  else if (typeof value === 'bigint') statement.bindBigInt(index, value);
  else if (Number.isSafeInteger(value)) statement.bindBigInt(index, BigInt(value as number));
  else if (typeof value === 'number') statement.bindDouble(index, value);
  else if (value instanceof Uint8Array) statement.bindBlob(index, value);
  else if (value === null || value === undefined) statement.bindNull(index);
  else throw new TypeError(`A ${typeof value} cannot be bound to a statement`);
}

/** The rows of a chunk, made column by column: `convertRows` takes twice as long, and `entries` makes a pair for each value. */
function rowsOf(chunk: DuckDBDataChunk): unknown[][] {
  const { rowCount, columnCount } = chunk;
  const rows = Array.from({ length: rowCount }, () => new Array<unknown>(columnCount));
  for (let column = 0; column < columnCount; column++) {
    const vector = chunk.getColumnVector(column);
    const { type } = vector;
    rows.forEach((row, at) => {
      row[column] = converter(vector.getItem(at), type, converter);
    });
  }
  return rows;
}

const converter: DuckDBValueConverter<JS> = (value, type, convert) => {
  if (value === null || typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean')
    return value;
  if (typeof value !== 'bigint') return JSDuckDBValueConverter(value, type, convert);
  return value >= Number.MIN_SAFE_INTEGER && value <= Number.MAX_SAFE_INTEGER ? Number(value) : value;
};
