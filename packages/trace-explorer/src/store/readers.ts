import { setTimeout as sleep } from 'node:timers/promises';
import type {
  DuckDBConnection,
  DuckDBDataChunk,
  DuckDBPreparedStatement,
  DuckDBValueConverter,
  JS,
} from '@duckdb/node-api';
import { JSDuckDBValueConverter, StatementType } from '@duckdb/node-api';
import { settlesWithin } from '../http/settles-within.ts';
import type { Deadline } from '../shared/deadline.ts';
import { deadlineIn, leftOf } from '../shared/deadline.ts';
import type { Database } from './database.ts';
import { ReadMemoryError, ReadTimeoutError, StoreClosedError, says, tooManyReaders } from './errors.ts';
import type { ReadOptions, ReadResult } from './types.ts';

/** Statements that run at the same time. Each holds one of libuv's threads. Short statements never wait for scans. */
const CONNECTIONS = { scans: 3, short: 2 };
const INTERRUPT_INTERVAL_MS = 10;
/** Milliseconds that a request without a deadline waits for a reader. */
export const READER_WAIT_MS = 15_000;

/** Connections for reading. Each statement has one to itself, as an interrupt ends whatever its connection runs. */
export class Readers {
  readonly #scans: Lane;
  readonly #short: Lane;
  /** For settings. */
  readonly #connection: DuckDBConnection;
  #running = 0;
  #setting: Promise<unknown> = Promise.resolve();

  private constructor(scans: Lane, short: Lane, connection: DuckDBConnection) {
    this.#scans = scans;
    this.#short = short;
    this.#connection = connection;
  }

  /** @throws DuckDB's error */
  static async open(database: Database): Promise<Readers> {
    const lane = async (size: number) =>
      new Lane(await Promise.all(Array.from({ length: size }, () => database.connect())));
    const [scans, short] = [await lane(CONNECTIONS.scans), await lane(CONNECTIONS.short)];
    return new Readers(scans, short, await database.connect());
  }

  /** @throws StoreBusyError, ReadTimeoutError, ReadMemoryError, StoreClosedError, the signal's reason, or DuckDB's error */
  async read(
    sql: string,
    values: readonly unknown[],
    { signal, deadline, take, short = false }: ReadOptions,
  ): Promise<ReadResult> {
    signal?.throwIfAborted();
    const lane = short ? this.#short : this.#scans;
    const asked = performance.now();
    const connection = await lane.acquire(deadline ?? deadlineIn(READER_WAIT_MS), signal);
    const waitedMs = performance.now() - asked;
    const timeout = deadline && AbortSignal.timeout(Math.ceil(leftOf(deadline)));
    const end = AbortSignal.any([timeout, signal].filter((each) => each !== undefined));
    let interrupting: NodeJS.Timeout | undefined;
    // An interrupt that comes before the statement runs is lost, so it is repeated.
    const interrupt = () => {
      connection.interrupt();
      interrupting ??= setInterval(() => connection.interrupt(), INTERRUPT_INTERVAL_MS);
    };
    end.addEventListener('abort', interrupt);
    try {
      if (!short && ++this.#running === 1) this.#setThreads(2);
      if (!short) await this.#setting;
      end.throwIfAborted();
      return await run(connection, sql, values, take);
    } catch (error) {
      signal?.throwIfAborted();
      // A request that waited for most of its time may be quick when it comes again.
      if (timeout?.aborted && deadline !== undefined)
        throw waitedMs > deadline.ms / 2 ? tooManyReaders() : new ReadTimeoutError(deadline.ms);
      if (lane.isClosed) throw new StoreClosedError();
      throw says(error, 'memory') && !says(error, 'givenUp') ? new ReadMemoryError() : error;
    } finally {
      clearInterval(interrupting);
      end.removeEventListener('abort', interrupt);
      if (!short && --this.#running === 0) this.#setThreads(1);
      lane.release(connection);
    }
  }

  /** Interrupts what runs and refuses what waits. Resolves when nothing runs. */
  async close(): Promise<void> {
    await Promise.all([this.#scans.close(), this.#short.close()]);
    await this.#setting;
  }

  /**
   * A query of millions of rows takes half as long with DuckDB's second thread. All other statements cost more with it, as one
   * of the two threads asks without pause whether the other has ended. So it is there while scans run.
   */
  #setThreads(threads: 1 | 2): void {
    const set = () => this.#connection.run(`SET GLOBAL threads = ${threads}`);
    // Without the thread scans take longer.
    this.#setting = this.#setting.then(set).catch(() => {});
  }
}

/** Some connections, and the requests that wait for one. */
class Lane {
  readonly #free: DuckDBConnection[];
  readonly #busy = new Set<DuckDBConnection>();
  /** In the order in which they came. */
  readonly #waiting = new Set<(connection: DuckDBConnection | undefined) => void>();
  isClosed = false;

  constructor(connections: DuckDBConnection[]) {
    this.#free = connections;
  }

  async close(): Promise<void> {
    this.isClosed = true;
    for (const give of this.#waiting) give(undefined);
    this.#waiting.clear();
    while (this.#busy.size > 0) {
      for (const connection of this.#busy) connection.interrupt();
      await sleep(INTERRUPT_INTERVAL_MS);
    }
  }

  /** @throws StoreBusyError when none is free until the deadline, StoreClosedError, the signal's reason */
  async acquire(deadline: Deadline, signal: AbortSignal | undefined): Promise<DuckDBConnection> {
    if (this.isClosed) throw new StoreClosedError();
    const connection = this.#free.pop() ?? (await this.#wait(deadline, signal));
    if (connection !== undefined) {
      this.#busy.add(connection);
      return connection;
    }
    signal?.throwIfAborted();
    throw this.isClosed ? new StoreClosedError() : tooManyReaders();
  }

  /** The next free connection; undefined at the deadline, after the signal, and when this is closed. */
  async #wait(deadline: Deadline, signal: AbortSignal | undefined): Promise<DuckDBConnection | undefined> {
    const { promise, resolve } = Promise.withResolvers<DuckDBConnection | undefined>();
    this.#waiting.add(resolve);
    await settlesWithin(promise, leftOf(deadline), signal);
    if (this.#waiting.delete(resolve)) return undefined;
    return promise;
  }

  release(connection: DuckDBConnection): void {
    const [next] = this.#waiting;
    if (next === undefined) {
      this.#busy.delete(connection);
      this.#free.push(connection);
    } else {
      this.#waiting.delete(next);
      next(connection);
    }
  }
}

async function run(
  connection: DuckDBConnection,
  sql: string,
  values: readonly unknown[],
  take: ReadOptions['take'],
): Promise<ReadResult> {
  const statement = await connection.prepare(sql);
  try {
    if (statement.statementType !== StatementType.SELECT)
      throw new TypeError('The store reads with SELECT statements only');
    for (const [index, value] of values.entries()) bind(statement, index + 1, value);
    const result = await statement.run();
    const rows: unknown[][] = [];
    const keep = take ?? ((row: unknown[]) => void rows.push(row));
    for (const chunk of await result.fetchAllChunks()) for (const row of rowsOf(chunk)) keep(row);
    return { columns: result.columnNames(), rows };
  } finally {
    statement.destroySync();
  }
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

/** The rows of a chunk, made column by column: `convertRows` takes twice as long. */
function rowsOf(chunk: DuckDBDataChunk): unknown[][] {
  const { rowCount, columnCount } = chunk;
  const rows = Array.from({ length: rowCount }, () => new Array<unknown>(columnCount));
  for (let column = 0; column < columnCount; column++) {
    const vector = chunk.getColumnVector(column);
    const { type } = vector;
    for (const [at, row] of rows.entries()) row[column] = converter(vector.getItem(at), type, converter);
  }
  return rows;
}

const converter: DuckDBValueConverter<JS> = (value, type, convert) => {
  if (value === null || typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean')
    return value;
  if (typeof value !== 'bigint') return JSDuckDBValueConverter(value, type, convert);
  return value >= Number.MIN_SAFE_INTEGER && value <= Number.MAX_SAFE_INTEGER ? Number(value) : value;
};
