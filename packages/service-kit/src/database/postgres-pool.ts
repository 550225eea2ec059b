import type { PostgresPool, PostgresPoolClient } from 'kysely';
import pg from 'pg';
import { problems } from '../errors.ts';
import type { Problem } from '../problems/problem.ts';
import { settlesWithin } from '../process/settles-within.ts';
import { ANSWER_TIMEOUT_MS, BoundedClient } from './postgres-client.ts';
import { isDatabaseUnavailable, withCode } from './unavailable.ts';
import { activeWork } from './work.ts';

/** Longest wait for a connection, be it for a new one or for one in use. */
const ACQUIRE_TIMEOUT_MS = 2000;
/** Longest wait that a request is let into; past it, it is refused at once, and its caller may try elsewhere. */
const MAX_EXPECTED_WAIT_MS = 1000;
/** Longest that PostgreSQL works on one statement. */
const STATEMENT_TIMEOUT_MS = ANSWER_TIMEOUT_MS - 500;
/** A transaction whose service is gone must not keep its locks for longer. */
const IDLE_TRANSACTION_TIMEOUT_MS = 2 * ANSWER_TIMEOUT_MS;
/** A connection that nobody needs is closed after this time. */
const IDLE_TIMEOUT_MS = 30_000;
/** Silence after which TCP asks whether the other end is still there. */
const KEEP_ALIVE_DELAY_MS = 5000;
/** A database that has answered anybody within this time is not away. */
const RECENT_MS = 1000;
/** How long a connection is kept at least: to a database that stays read-only, each write would make all of them anew. */
const MIN_AGE_MS = 1000;
/** Time for connections to say goodbye. */
const CLOSE_TIMEOUT_MS = 1000;
/** Weight of the newest value in the mean time for which connections are held. */
const NEWEST_WEIGHT = 0.1;

/**
 * Connections to one PostgreSQL database, in the shape that Kysely expects, made safe against databases that vanish
 * without a word: what does not answer in time is destroyed and replaced. Requests that would wait too long for their
 * turn are refused early, and told whether the pool is busy or the database is away.
 */
export class BoundedPostgresPool implements PostgresPool {
  readonly options: object;
  readonly #pool: pg.Pool;
  readonly #clients = new Map<pg.PoolClient, BoundedClient>();
  readonly #size: number;
  #lastAnswer = Number.NEGATIVE_INFINITY;
  /** Mean time for which a request holds a connection, in milliseconds; undefined before the first one. */
  #meanHold: number | undefined;

  /**
   * @param size connections at most
   * @param onIdleError told of connections that broke while nobody used them
   */
  constructor(url: string, size: number, onIdleError: (error: Error) => void) {
    this.#size = size;
    this.#pool = new pg.Pool({
      connectionString: url,
      max: size,
      connectionTimeoutMillis: ACQUIRE_TIMEOUT_MS,
      idleTimeoutMillis: IDLE_TIMEOUT_MS,
      statement_timeout: STATEMENT_TIMEOUT_MS,
      idle_in_transaction_session_timeout: IDLE_TRANSACTION_TIMEOUT_MS,
      options: '-c jit=off', // compiling takes 70 ms for a statement of two, once a table is large enough
      pipeline: true, // a statement can be sent before the one in front of it is answered
      keepAlive: true,
      keepAliveInitialDelayMillis: KEEP_ALIVE_DELAY_MS,
    });
    this.options = this.#pool.options;
    this.#pool.on('error', onIdleError);
    this.#pool.on('connect', (client) => this.#watch(client));
    this.#pool.on('remove', (client) => this.#clients.delete(client));
  }

  /** @throws Problem DATABASE_BUSY or DATABASE_UNAVAILABLE, or an error of pg or the socket that means the latter */
  async connect(): Promise<PostgresPoolClient> {
    const began = performance.now();
    const left = activeWork()?.millisecondsLeft ?? Number.POSITIVE_INFINITY;
    const expectedWait = (this.#pool.waitingCount * (this.#meanHold ?? 0)) / this.#size;
    if (expectedWait > Math.min(MAX_EXPECTED_WAIT_MS, left)) throw this.#noConnection(began);
    const connecting = this.#pool.connect();
    if (!(await settlesWithin(connecting, Math.min(ACQUIRE_TIMEOUT_MS + RECENT_MS, left)))) {
      const giveBack = (client: pg.PoolClient) => client.release();
      connecting.then(giveBack, () => {}); // nobody waits for it any more
      throw this.#noConnection(began);
    }
    const client = await connecting.catch((error: Error) => {
      if (error.message === 'timeout exceeded when trying to connect') throw this.#noConnection(began);
      // Whatever keeps it from connecting, a password that was changed too, is no fault of a request.
      throw isDatabaseUnavailable(error) ? withCode(error) : problems.DATABASE_UNAVAILABLE({ cause: error });
    });
    const bounded = this.#clients.get(client) ?? this.#watch(client);
    bounded.acquired = performance.now();
    return bounded;
  }

  async end(): Promise<void> {
    if (await settlesWithin(this.#pool.end(), CLOSE_TIMEOUT_MS)) return;
    for (const client of this.#clients.values()) client.destroy();
  }

  #watch(client: pg.PoolClient): BoundedClient {
    // The pool listens for errors of idle connections only. Without a listener, one that breaks between two statements
    // of a transaction would end the process; the next statement fails, and the pool makes another connection.
    client.on('error', () => {});
    this.#lastAnswer = performance.now();
    const bounded = new BoundedClient(client, {
      answered: () => {
        this.#lastAnswer = performance.now();
      },
      fellSilent: (time) => this.#destroySilentSince(time),
      isReadOnly: () => this.#retireAll(),
      released: (heldMs) => {
        if (activeWork() === undefined) return; // a migration says nothing about requests
        this.#meanHold ??= heldMs;
        this.#meanHold += NEWEST_WEIGHT * (heldMs - this.#meanHold);
      },
    });
    this.#clients.set(client, bounded);
    return bounded;
  }

  /** Connections are seldom lost alone: idle ones that have not answered since then are not tried one by one. */
  #destroySilentSince(time: number): void {
    for (const client of this.#clients.values())
      if (client.acquired === undefined && client.lastAnswer < time) client.destroy();
  }

  /** New ones lead to wherever the name does now; these would stay with a former primary for as long as they are used. */
  #retireAll(): void {
    const youngest = performance.now() - MIN_AGE_MS;
    for (const client of this.#clients.values()) if (client.connected < youngest) client.retire();
  }

  /** Why there is no connection: a database that answers others meanwhile is not away. */
  #noConnection(since: number): Problem {
    const detail = `All ${this.#size} connections to the database are in use.`;
    if (this.#lastAnswer > since - RECENT_MS) return problems.DATABASE_BUSY({ detail });
    return problems.DATABASE_UNAVAILABLE({ cause: new Error(`${detail} None of them has had an answer.`) });
  }
}
