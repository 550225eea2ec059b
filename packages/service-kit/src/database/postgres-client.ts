import type { PostgresPoolClient, PostgresQueryResult } from 'kysely';
import pg from 'pg';
import { problems } from '../errors.ts';
import { preparedName } from './prepared-query.ts';
import { withCode } from './unavailable.ts';
import { activeWork } from './work.ts';

/** Longest wait for a statement's answer. Longer than the server's own limit: when this passes, nobody is there. */
export const ANSWER_TIMEOUT_MS = 4000;
/** Shortest such wait: a caller with a short deadline is answered in time, but it costs no healthy connection. */
const MIN_ANSWER_TIMEOUT_MS = 1000;

/** What a standby says to who writes: it was the primary until a failover, or the name that led here leads elsewhere now. */
const READ_ONLY = '25006';

/** A statement's name is not known on this connection, or is already, and neither by us: transactions change connections. */
const NAME_NOT_FOLLOWED = new Set(['26000', '42P05']);
const POOLER_ADVICE =
  'DATABASE_URL leads to a pooler that gives each transaction another connection and does not follow prepared statements: set max_prepared_statements (PgBouncer 1.21 or newer), or pool_mode=session.';

/** The answer to a command that was not sent. */
const NO_ROWS: PostgresQueryResult<unknown> = { command: 'COMMIT', rowCount: 0, rows: [] };

/** What a client tells its pool. */
interface Listener {
  /** The database has answered. */
  answered(): void;
  /** No answer has come to a statement that was sent at `time`; the connection is destroyed. */
  fellSilent(time: number): void;
  /** The other end takes no writes. */
  isReadOnly(): void;
  /** A sound connection is given back after so many milliseconds. */
  released(heldMs: number): void;
}

/** One connection, in the shape that Kysely expects; it is destroyed when the database does not answer in time. */
export class BoundedClient implements PostgresPoolClient {
  /** When it last answered, on the clock of `performance.now()`. */
  lastAnswer = performance.now();
  /** When it was given to whom it serves now; undefined while nobody uses it. */
  acquired: number | undefined;
  /** When it was made, on the same clock. */
  readonly connected = performance.now();
  readonly query: PostgresPoolClient['query'];
  readonly #client: pg.PoolClient;
  readonly #listener: Listener;
  /** `begin` was asked for and is yet to be sent. */
  #isBeginning = false;
  #isRetired = false;

  constructor(client: pg.PoolClient, listener: Listener) {
    this.#client = client;
    this.#listener = listener;
    this.query = this.#query.bind(this) as PostgresPoolClient['query'];
  }

  release(isBroken = false): void {
    const { acquired } = this;
    this.acquired = undefined;
    this.#isBeginning = false;
    if (!isBroken && acquired !== undefined) this.#listener.released(performance.now() - acquired);
    this.#client.release(isBroken || this.#isRetired);
  }

  /** Closes it as soon as nobody uses it. */
  retire(): void {
    this.#isRetired = true;
    if (this.acquired === undefined) this.destroy();
  }

  /** Ends the connection without a goodbye, which nobody would hear; pg then fails its statement and drops it. */
  destroy(): void {
    this.#connection.stream.destroy();
  }

  get #connection(): pg.Connection {
    return (this.#client as unknown as pg.Client).connection;
  }

  /** Sends a statement; `begin` goes with the statement after it, so that it costs no round trip of its own. */
  async #query(sql: string, parameters: readonly unknown[]): Promise<PostgresQueryResult<unknown>> {
    const isBeginning = this.#isBeginning;
    this.#isBeginning = sql === 'begin';
    if (this.#isBeginning) return NO_ROWS;
    if (!isBeginning) return this.#answer(() => this.#send(sql, parameters));
    if (sql === 'commit' || sql === 'rollback') return NO_ROWS; // of a transaction that never was
    return this.#answer(async () => {
      const { stream } = this.#connection;
      stream.cork();
      const both = Promise.all([this.#send('begin', []), this.#send(sql, parameters)]);
      stream.uncork();
      const [, result] = await both;
      return result;
    });
  }

  async #send(sql: string, parameters: readonly unknown[]): Promise<PostgresQueryResult<unknown>> {
    const name = preparedName(sql);
    const query = { ...(name === undefined ? {} : { name }), text: sql, values: [...parameters] };
    const result = await this.#client.query(query);
    return result as unknown as PostgresQueryResult<unknown>;
  }

  /** Waits for an answer, within limits. */
  async #answer<T>(send: () => Promise<T>): Promise<T> {
    const sent = performance.now();
    const limit = answerTimeout();
    let isSilent = false;
    const giveUp = () => {
      isSilent = true;
      this.destroy();
      this.#listener.fellSilent(sent);
    };
    const timer = limit === undefined ? undefined : setTimeout(giveUp, limit);
    try {
      const result = await send();
      this.#answered();
      return result;
    } catch (error) {
      if (isSilent) throw problems.DATABASE_UNAVAILABLE({ cause: new Error(`No answer within ${limit} ms`) });
      if (error instanceof pg.DatabaseError) this.#refused(error);
      throw withCode(error);
    } finally {
      clearTimeout(timer);
    }
  }

  #refused(error: pg.DatabaseError): void {
    this.#answered();
    if (error.code === READ_ONLY) this.#listener.isReadOnly();
    if (NAME_NOT_FOLLOWED.has(error.code ?? '')) error.message += `. ${POOLER_ADVICE}`;
  }

  #answered(): void {
    this.lastAnswer = performance.now();
    this.#listener.answered();
  }
}

/** Milliseconds to wait for an answer; undefined outside of a request: a migration may take its time. */
function answerTimeout(): number | undefined {
  const left = activeWork()?.millisecondsLeft;
  if (left === undefined) return undefined;
  return Math.round(Math.max(MIN_ANSWER_TIMEOUT_MS, Math.min(left, ANSWER_TIMEOUT_MS)));
}
