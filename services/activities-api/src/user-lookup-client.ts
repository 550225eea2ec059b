import { context, trace } from '@opentelemetry/api';
import { activeFault } from '@tandem/service-kit/traced';
import { withResendCount } from '@tandem/telemetry';
import { RoundRobinPool } from 'undici';
import type { FoundUsers, User, UserDirectory } from './user-directory.ts';
import { HANDLE_PATTERN, LookupError } from './user-directory.ts';
import type { Schedule } from './user-lookup/circuit-breaker.ts';
import { createCircuitBreaker } from './user-lookup/circuit-breaker.ts';
import { circuitMetrics } from './user-lookup/circuit-metrics.ts';
import type { FindAddresses } from './user-lookup/look-up-in-turn.ts';
import { lookUpInTurn } from './user-lookup/look-up-in-turn.ts';
import { requestUsers } from './user-lookup/request-users.ts';
import { RetryBudget, retryMetric } from './user-lookup/retry-budget.ts';
import { untracedContext } from './user-lookup/untraced-context.ts';

/** The other side, on /metrics. */
const NAME = 'user-lookup';
/** user-lookup's limit for one call. */
const MAX_HANDLES = 100;
/** user-lookup is near: a connection that takes longer will not come. */
const CONNECT_TIMEOUT_MS = 1000;
/** A kept connection stays with one replica: this long after a new one has come, it has its share of the calls. */
const MAX_CONNECTION_AGE_MS = 15_000;
/**
 * A probe waits as long as a page waits for its authors. The one under way when user-lookup comes back may fail after
 * that time, and the next comes PROBE_INTERVAL_MS later: both together are how long the circuit stays open.
 */
export const PROBE_TIMEOUT_MS = 1000;
/** A probe asks for a user, whether there is one or not. */
const PROBE_HANDLE = 'probe';
/** A look-up that has less time says nothing about user-lookup when it fails: callers choose their deadlines. */
const MIN_COUNTED_MS = 500;
/** The connection was refused, or closed before a byte of an answer came: asking again cannot do anything twice. */
const NO_ANSWER = new Set(['ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'UND_ERR_SOCKET']);
const HANDLE = new RegExp(HANDLE_PATTERN);

export interface UserLookupClientOptions {
  /** Sent as `authorization: Bearer …`; nothing is when left out. */
  readonly token?: string | undefined;
  /** When the circuit breaker's probes happen; by timers when left out. */
  readonly schedule?: Schedule;
  /** Finds the addresses of user-lookup's replicas; the system's way when left out. */
  readonly findAddresses?: FindAddresses;
  /** Milliseconds after which a connection is not used again; 15,000 when left out. */
  readonly maxConnectionAgeMs?: number;
}

/**
 * A client of user-lookup that keeps its connections open for a while, spread over its replicas. Handles that no user can
 * have are not asked for. While user-lookup does not answer, look-ups fail at once (`circuit_open`) instead of waiting; it
 * is probed four times a second.
 *
 * @example
 * const users = createUserLookupClient('http://localhost:4568');
 * const { missing } = await users.find(['bayko', 'nobody'], performance.now() + 1000);
 */
export function createUserLookupClient(origin: string, options: UserLookupClientOptions = {}): UserDirectory {
  const pool = new RoundRobinPool(origin.replace(/\/$/, ''), {
    connections: 64,
    clientTtl: options.maxConnectionAgeMs ?? MAX_CONNECTION_AGE_MS,
    connect: { timeout: CONNECT_TIMEOUT_MS, lookup: lookUpInTurn(options.findAddresses) },
  });
  const retries = new RetryBudget();
  const circuit = createCircuitBreaker({
    ...options,
    isFailure: isTrouble,
    rejection: () => new LookupError('circuit_open'),
    probe: () =>
      context.with(untracedContext(), () => ask([PROBE_HANDLE], performance.now() + PROBE_TIMEOUT_MS)),
  });

  async function ask(handles: readonly string[], deadline: number) {
    const left = Math.floor(deadline - performance.now());
    if (left < 1) throw new LookupError('timeout');
    return requestUsers(pool, handles, left, options.token);
  }

  /** Asks at once a second time: a balancer has another replica, and what takes longer is the circuit's. */
  async function askTwice(handles: readonly string[], deadline: number) {
    retries.earn();
    try {
      return await ask(handles, deadline);
    } catch (error) {
      if (!hadNoAnswer(error) || circuit.state !== 'closed' || !retries.take()) throw error;
    }
    return withResendCount(1, () => ask(handles, deadline));
  }

  async function askForAll(
    handles: readonly string[],
    deadline: number,
    askSome: typeof ask,
  ): Promise<FoundUsers> {
    const users = new Map<string, User>();
    const missing = new Set<string>();
    const valid = [...new Set(handles)].filter((handle) => {
      const isValid = HANDLE.test(handle);
      if (!isValid) missing.add(handle);
      return isValid;
    });
    const calls = [];
    for (let at = 0; at < valid.length; at += MAX_HANDLES)
      calls.push(askSome(valid.slice(at, at + MAX_HANDLES), deadline));
    for (const answer of await Promise.all(calls)) {
      for (const user of answer.users) users.set(user.handle, user);
      for (const handle of answer.missing) missing.add(handle);
    }
    return { users, missing };
  }

  return {
    find(handles, deadline) {
      trace.getActiveSpan()?.setAttribute('app.user_lookup.circuit_state', circuit.state);
      // What a request asked to go wrong says nothing about user-lookup, and is not mended at the cost of others.
      if (activeFault() !== undefined) return circuit.callUncounted(() => askForAll(handles, deadline, ask));
      const work = () => askForAll(handles, deadline, askTwice);
      const isTelling = deadline - performance.now() >= MIN_COUNTED_MS;
      return isTelling ? circuit.call(work) : circuit.callUncounted(work);
    },
    metrics: () => [...circuitMetrics(NAME, circuit), retryMetric(NAME, retries)],
    async close() {
      circuit.close();
      await pool.destroy();
    },
  };
}

function hadNoAnswer(error: unknown): boolean {
  if (!(error instanceof LookupError) || error.reason !== 'unreachable') return false;
  const { cause } = error;
  return cause instanceof Error && 'code' in cause && NO_ANSWER.has(String(cause.code));
}

/** Whether user-lookup is in trouble, rather than what it was asked. */
function isTrouble(error: unknown): boolean {
  return error instanceof LookupError && !/^http_4(?!29)/.test(error.reason);
}
