import type {
  DuckDBConnection,
  DuckDBDataChunk,
  DuckDBInstance,
  DuckDBPreparedStatement,
  DuckDBValueConverter,
  JS,
} from '@duckdb/node-api';
import { JSDuckDBValueConverter, StatementType } from '@duckdb/node-api';
import type { Deadline } from '../shared/deadline.ts';
import { deadlineIn, leftOf } from '../shared/deadline.ts';
import { connect } from './database.ts';
import {
  isOutOfMemory,
  ReadMemoryError,
  ReadTimeoutError,
  StoreBusyError,
  StoreClosedError,
} from './errors.ts';
import { ScanThreads } from './scan-threads.ts';
import type { ReadOptions, ReadResult } from './types.ts';

const INTERRUPT_INTERVAL_MS = 10;

/** Milliseconds that whoever has no deadline waits for a reader. */
export const READER_WAIT_MS = 15_000;
/** When whoever waited in vain is told to come again. */
export const READ_AGAIN_S = 5;

/** How many statements of each kind run at the same time. */
export interface ReadPoolSizes {
  readonly scans: number;
  /** Of those that say that they are short, beside as many scans as may be. */
  readonly short: number;
}

/**
 * Connections for reading. Each statement has one to itself, as an interrupt ends whatever its connection runs;
 * more statements than connections wait their turn. Short ones have connections that no scan takes.
 */
export class ReadPool {
  readonly #scans: Lane;
  readonly #short: Lane;
  readonly #threads: ScanThreads;

  constructor(instance: DuckDBInstance, { scans, short }: ReadPoolSizes) {
    this.#threads = new ScanThreads(instance);
    this.#scans = new Lane(instance, scans);
    this.#short = new Lane(instance, short);
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
    let timedOut = false;
    let interrupting: NodeJS.Timeout | undefined;
    // An interrupt that comes before the statement runs is lost, so it is repeated until there is an end.
    const interrupt = () => {
      connection.interrupt();
      interrupting ??= setInterval(() => connection.interrupt(), INTERRUPT_INTERVAL_MS);
    };
    const timer =
      deadline === undefined
        ? undefined
        : setTimeout(() => {
            timedOut = true;
            interrupt();
          }, leftOf(deadline));
    signal?.addEventListener('abort', interrupt);
    const ready = short ? undefined : this.#threads.enter();
    try {
      await ready;
      signal?.throwIfAborted();
      return await run(connection, sql, values, take);
    } catch (error) {
      signal?.throwIfAborted();
      // Whoever waited for most of its time may be quick when it comes again.
      if (timedOut && deadline !== undefined)
        throw waitedMs > deadline.ms / 2 ? tooManyReaders() : new ReadTimeoutError(deadline.ms);
      // It was interrupted by that.
      if (lane.isClosed) throw new StoreClosedError();
      if (isOutOfMemory(error)) throw new ReadMemoryError();
      throw error;
    } finally {
      clearTimeout(timer);
      clearInterval(interrupting);
      signal?.removeEventListener('abort', interrupt);
      if (!short) this.#threads.leave();
      lane.release(connection);
    }
  }

  /** Interrupts what runs, refuses what waits. */
  async close(): Promise<void> {
    this.#scans.close();
    this.#short.close();
    await this.#threads.close();
  }
}

/** Some connections, opened when they are needed, and who waits for one. */
class Lane {
  readonly #instance: DuckDBInstance;
  readonly #size: number;
  readonly #idle: DuckDBConnection[] = [];
  /** In the order in which they came. */
  readonly #waiting = new Set<(connection: DuckDBConnection | undefined) => void>();
  readonly #busy = new Set<DuckDBConnection>();
  #opened = 0;
  #closed = false;

  constructor(instance: DuckDBInstance, size: number) {
    this.#instance = instance;
    this.#size = size;
  }

  get isClosed(): boolean {
    return this.#closed;
  }

  close(): void {
    this.#closed = true;
    for (const connection of this.#busy) connection.interrupt();
    for (const give of this.#waiting) give(undefined);
    for (const connection of this.#idle.splice(0)) connection.closeSync();
  }

  /** @throws StoreBusyError when none is free until the deadline, StoreClosedError, the signal's reason */
  async acquire(deadline: Deadline, signal: AbortSignal | undefined): Promise<DuckDBConnection> {
    if (this.#closed) throw new StoreClosedError();
    let connection = this.#idle.pop();
    if (connection === undefined && this.#opened < this.#size) {
      this.#opened++;
      connection = await connect(this.#instance);
    }
    connection ??= await this.#wait(deadline, signal);
    if (connection === undefined) {
      signal?.throwIfAborted();
      throw this.#closed ? new StoreClosedError() : tooManyReaders();
    }
    this.#busy.add(connection);
    return connection;
  }

  /** The next connection that is free; undefined at the deadline, when the signal aborts, and when this is closed. */
  #wait(deadline: Deadline, signal: AbortSignal | undefined): Promise<DuckDBConnection | undefined> {
    return new Promise((resolve) => {
      const give = (connection: DuckDBConnection | undefined) => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', giveUp);
        this.#waiting.delete(give);
        resolve(connection);
      };
      const giveUp = () => give(undefined);
      const timer = setTimeout(giveUp, leftOf(deadline));
      signal?.addEventListener('abort', giveUp);
      this.#waiting.add(give);
    });
  }

  release(connection: DuckDBConnection): void {
    this.#busy.delete(connection);
    if (this.#closed) {
      connection.closeSync();
      return;
    }
    const [next] = this.#waiting;
    if (next === undefined) this.#idle.push(connection);
    else next(connection);
  }
}

function tooManyReaders(): StoreBusyError {
  return new StoreBusyError(READ_AGAIN_S, 'Too much else is being read');
}

async function run(
  connection: DuckDBConnection,
  sql: string,
  values: readonly unknown[],
  take: ReadOptions['take'],
): Promise<ReadResult> {
  const statement = await connection.prepare(sql);
  try {
    if (statement.statementType !== StatementType.SELECT) {
      throw new TypeError('The store reads with SELECT statements only');
    }
    for (const [index, value] of values.entries()) bind(statement, index + 1, value);
    const result = await statement.run();
    const rows: unknown[][] = [];
    for (const chunk of await result.fetchAllChunks()) {
      const found = rowsOf(chunk);
      if (take === undefined) for (const row of found) rows.push(row);
      else for (const row of found) take(row);
    }
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

/** Column by column, which looks a column's type up once: `convertRows` takes twice as long. */
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
