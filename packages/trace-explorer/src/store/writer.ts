import type { DuckDBConnection } from '@duckdb/node-api';
import { mapLogs } from '../fields/map-logs.ts';
import { mapSpans } from '../fields/map-spans.ts';
import { nextTurn } from '../shared/next-turn.ts';
import { datasetName, logsDatasetName } from './dataset-name.ts';
import { StoreBusyError, StoreClosedError } from './errors.ts';
import type { ExportRequest } from './export-request.ts';
import { isLogs, itemCount } from './export-request.ts';
import type { RowAppenderOptions } from './row-appender.ts';
import { RowAppender } from './row-appender.ts';
import { RowBuffer } from './row-buffer.ts';
import type { WriteResult } from './types.ts';
import type { Waiting } from './waiting-requests.ts';
import { WaitingRequests } from './waiting-requests.ts';

/** Rows of one transaction, past which further requests wait for the next: keeps a commit under 200 ms. */
const TRANSACTION_ROWS = 8_192;

/** Requests that were written together. */
export interface Committed {
  readonly rows: RowBuffer;
  readonly requests: readonly ExportRequest[];
  readonly firstSeq: number;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

export interface WriterOptions extends RowAppenderOptions {
  readonly onCommitted: (committed: Committed) => void;
  readonly onDropped: (reason: 'busy' | 'failed', request: ExportRequest) => void;
}

/**
 * The one writer. Requests that arrive while a transaction commits share the next one, so that a sender is
 * answered when what it sent is durable and readable, and a busy store still commits only a few times a second.
 */
export class Writer {
  readonly #options: WriterOptions;
  readonly #appender: RowAppender;
  readonly #requests = new WaitingRequests();
  readonly #tasks: (() => Promise<void>)[] = [];
  #running: Promise<void> | undefined;
  #closed = false;

  constructor(options: WriterOptions) {
    this.#options = options;
    this.#appender = new RowAppender(options);
  }

  /** @throws StoreBusyError, StoreClosedError, or why the file could not be written */
  async write(request: ExportRequest): Promise<WriteResult> {
    if (this.#closed) throw new StoreClosedError();
    const written = this.#add(request);
    this.#run();
    return written;
  }

  /** Runs a task between two transactions, alone on the writer's connection. */
  exclusively<T>(task: (connection: DuckDBConnection) => Promise<T>): Promise<T> {
    const done = new Promise<T>((resolve, reject) => {
      this.#tasks.push(() => task(this.#options.connection).then(resolve, reject));
    });
    this.#run();
    return done;
  }

  /** The same for a task that may make the tables anew. */
  rebuilding<T>(task: (connection: DuckDBConnection) => Promise<T>): Promise<T> {
    return this.exclusively(async (connection) => {
      try {
        return await task(connection);
      } finally {
        this.#appender.forgetTable();
      }
    });
  }

  /** Finishes what waits and refuses anything more. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#running;
    this.#appender.close();
  }

  #add(request: ExportRequest): Promise<WriteResult> {
    try {
      return this.#requests.add(request);
    } catch (error) {
      if (error instanceof StoreBusyError) this.#options.onDropped('busy', request);
      throw error;
    }
  }

  #run(): void {
    this.#running ??= this.#loop();
  }

  async #loop(): Promise<void> {
    // Lets requests that are already in the socket join the first transaction.
    await nextTurn();
    while (!this.#requests.isEmpty || this.#tasks.length > 0) {
      const task = this.#tasks.shift();
      if (task !== undefined) await task();
      if (!this.#requests.isEmpty) {
        await this.#commit(this.#requests.take(TRANSACTION_ROWS), (maxRows) => this.#commitSmall(maxRows));
      }
    }
    // In the same turn as the last look at what waits: a write after it starts the loop again.
    this.#running = undefined;
  }

  /** Writes small requests between two transactions of a large one. */
  async #commitSmall(maxRows: number): Promise<void> {
    const taken = this.#requests.takeSmall(maxRows);
    if (taken.length > 0) await this.#commit(taken);
  }

  /** @param letOthers see RowAppender's `append` */
  async #commit(taken: readonly Waiting[], letOthers?: (maxRows: number) => Promise<void>): Promise<void> {
    const now = Date.now();
    const results: WriteResult[] = [];
    try {
      const rows = new RowBuffer();
      for (const { request } of taken) {
        // A request of 512 spans takes some 2 ms to map; others get their turn between two.
        await nextTurn();
        const before = rows.rowCount;
        this.#map(request, rows, BigInt(now) * 1_000_000n);
        results.push({ rows: rows.rowCount - before, items: itemCount(request) });
      }
      const firstSeq = await this.#appender.append(rows, now, letOthers);
      this.#options.onCommitted({ rows, requests: taken.map(({ request }) => request), firstSeq, now });
      for (const [index, { resolve }] of taken.entries()) resolve(results[index] ?? { rows: 0, items: 0 });
    } catch (error) {
      for (const { request, reject } of taken) {
        this.#options.onDropped('failed', request);
        reject(error);
      }
    } finally {
      this.#requests.release(taken);
    }
  }

  #map(request: ExportRequest, rows: RowBuffer, received: bigint): void {
    const { scopes } = this.#options;
    if (isLogs(request)) {
      for (const group of request.scopeLogs) {
        if (group.logRecords.length === 0) continue;
        rows.group(scopes.idOf(group), logsDatasetName(group.resource.attributes), received);
        mapLogs(group, received, rows);
      }
      return;
    }
    for (const group of request.scopeSpans) {
      if (group.spans.length === 0) continue;
      rows.group(scopes.idOf(group), datasetName(group.resource.attributes), received);
      mapSpans(group, received, rows);
    }
  }
}
