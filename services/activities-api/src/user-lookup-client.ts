import { trace } from '@opentelemetry/api';
import { Counter, Gauge } from '@prometheus-io/client';
import type { Deadline } from '@tandem/service-kit';
import { activeFault, REQUEST_TIMEOUT_HEADER } from '@tandem/service-kit';
import { withResendCount, withUrlTemplate } from '@tandem/telemetry';
import type { CircuitBreakerPolicy } from 'cockatiel';
import {
  BrokenCircuitError,
  CircuitState,
  CountBreaker,
  circuitBreaker,
  handleWhen,
  retry,
  wrap,
} from 'cockatiel';
import type { Static } from 'typebox';
import Type from 'typebox';
import { Compile } from 'typebox/compile';
import { Pool } from 'undici';

/** The form of a handle, as a regular expression; user-lookup has the same form. */
export const HANDLE_PATTERN = '^[a-z0-9_-]{1,30}$';
const HANDLE = new RegExp(HANDLE_PATTERN);

const PATH = '/api/users';
/** user-lookup's limit for one call. */
const MAX_HANDLES = 100;
/** A feed without names is worth more than one that comes late. */
const LOOKUP_TIMEOUT_MS = 1000;
/** Kept of the request's own deadline, to answer without the authors. */
const RESERVE_MS = 50;
/** 100 users take under 40 KB. */
const MAX_RESPONSE_BYTES = 256 * 1024;
/** A kept connection stays with one replica: this long after a new one has come, it has its share of the calls. */
const MAX_CONNECTION_AGE_MS = 15_000;
/** Of the last ten look-ups, of five at least, half have failed: user-lookup is away. */
const BREAKER = { size: 10, minimumNumberOfCalls: 5, threshold: 0.49 };
/** Pause before one look-up tries whether user-lookup is back; all others fail at once. */
const HALF_OPEN_AFTER_MS = 2000;
/** A look-up that has less time says nothing about user-lookup when it fails: callers choose their deadlines. */
const MIN_COUNTED_MS = 500;
/** The connection was refused, or closed before a byte of an answer came: asking again cannot do anything twice. */
const NO_ANSWER = new Set(['ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'UND_ERR_SOCKET']);

/** The names of the states on spans and on /metrics. */
const STATES = {
  [CircuitState.Closed]: 'closed',
  [CircuitState.Open]: 'open',
  [CircuitState.HalfOpen]: 'half_open',
  [CircuitState.Isolated]: 'open',
} as const;

const state = new Gauge({
  name: 'tandem_circuit_breaker_state',
  help: '1 for the state that the circuit breaker is in, 0 for the others.',
  labelNames: ['name', 'state'] as const,
});
const rejected = new Counter({
  name: 'tandem_circuit_breaker_rejected_calls_total',
  help: 'Calls that were not made because the circuit breaker was not closed.',
  labelNames: ['name'] as const,
});

const User = Type.Object({ handle: Type.String(), display_name: Type.String(), avatar_url: Type.String() });
const Answer = Type.Object({ users: Type.Array(User), missing: Type.Array(Type.String()) });
const isAnswer = Compile(Answer);

/** A user as user-lookup knows them. */
export type User = Static<typeof User>;

/** The result of a look-up. */
export interface FoundUsers {
  readonly users: ReadonlyMap<string, User>;
  /** Handles without a user. */
  readonly missing: ReadonlySet<string>;
}

/** Where users are looked up. */
export interface UserDirectory {
  /**
   * Looks up many users at once.
   * @throws LookupError when user-lookup does not answer in time, or not as it should
   */
  find(handles: readonly string[], deadline: Deadline): Promise<FoundUsers>;
  close(): Promise<void>;
}

/** Why users could not be looked up. */
export class LookupError extends Error {
  override readonly name = 'LookupError';
  /**
   * `timeout`, `unreachable`, `http_503` (or another status), `invalid_response` (a 200 with a wrong body),
   * or `circuit_open`: no request was sent, because the last requests to user-lookup failed.
   */
  readonly reason: string;

  constructor(reason: string, options?: ErrorOptions) {
    super(`user-lookup: ${reason}`, options);
    this.reason = reason;
  }
}

/**
 * A client of user-lookup. Handles that no user can have are not asked for. A look-up takes a second at most, and is sent
 * once more when its connection broke. While user-lookup does not answer, look-ups fail at once (`circuit_open`); every
 * two seconds one of them tries.
 *
 * @param options `token`: sent as `authorization: Bearer …`; nothing is when left out
 */
export function createUserLookupClient(
  origin: string,
  options: { readonly token?: string | undefined } = {},
): UserDirectory {
  const pool = new Pool(origin.replace(/\/$/, ''), {
    connections: 64,
    clientTtl: MAX_CONNECTION_AGE_MS,
    maxResponseSize: MAX_RESPONSE_BYTES,
  });
  // For cockatiel, what is not counted is a success. So a trial counts unless user-lookup has answered.
  const counts = (error: unknown) =>
    isTrouble(error) || (breaker.state === CircuitState.HalfOpen && !(error instanceof LookupError));
  const breaker = circuitBreaker(handleWhen(counts), {
    breaker: new CountBreaker(BREAKER),
    halfOpenAfter: HALF_OPEN_AFTER_MS,
  });
  const policy = wrap(breaker, retry(handleWhen(hadNoAnswer), { maxAttempts: 1 }));
  const countRejected = measureCircuit('user-lookup', breaker);

  /** Asks once, for as many handles as one call takes. */
  async function ask(handles: readonly string[], timeoutMs: number, { signal }: Deadline) {
    signal.throwIfAborted();
    const controller = new AbortController();
    // The code becomes the CLIENT span's `error.type`; the one of AbortSignal.timeout would be 23.
    const timeout = () => Object.assign(new Error('user-lookup did not answer in time'), { code: 'timeout' });
    const timer = setTimeout(() => controller.abort(timeout()), timeoutMs);
    const giveUp = () => controller.abort(signal.reason);
    signal.addEventListener('abort', giveUp);
    const headers = {
      accept: 'application/json',
      [REQUEST_TIMEOUT_HEADER]: String(timeoutMs),
      ...(options.token !== undefined && { authorization: `Bearer ${options.token}` }),
    };
    const path = `${PATH}?${handles.map((handle) => `handle=${handle}`).join('&')}`;
    let status = 0;
    try {
      const request = { method: 'GET', path, headers, signal: controller.signal } as const;
      const { statusCode, body } = await withUrlTemplate(PATH, () => pool.request(request));
      status = statusCode;
      if (status === 200) return readAnswer(await body.text(), handles);
      await body.dump(); // the connection can be used again
    } catch (cause) {
      if (signal.aborted) throw signal.reason;
      throw new LookupError(reasonOf(status, controller.signal), { cause });
    } finally {
      clearTimeout(timer);
      signal.removeEventListener('abort', giveUp);
    }
    throw new LookupError(status === 504 ? 'timeout' : `http_${status}`);
  }

  /** Asks unless the circuit is open. While it is closed, a look-up that tells nothing of user-lookup does not count. */
  async function askWhenClosed(handles: readonly string[], timeoutMs: number, deadline: Deadline) {
    try {
      // While one look-up tries, cockatiel would have the others wait for it.
      if (breaker.state === CircuitState.HalfOpen) throw new BrokenCircuitError();
      const isTelling = timeoutMs >= MIN_COUNTED_MS && activeFault() === undefined;
      if (breaker.state === CircuitState.Closed && !isTelling) return await ask(handles, timeoutMs, deadline);
      return await policy.execute(({ attempt }) =>
        withResendCount(attempt, () => ask(handles, timeoutMs, deadline)),
      );
    } catch (cause) {
      if (!(cause instanceof BrokenCircuitError)) throw cause;
      countRejected();
      throw new LookupError('circuit_open', { cause });
    }
  }

  return {
    async find(handles, deadline) {
      trace.getActiveSpan()?.setAttribute('app.user_lookup.circuit_state', STATES[breaker.state]);
      const timeoutMs = Math.min(LOOKUP_TIMEOUT_MS, Math.floor(deadline.millisecondsLeft() - RESERVE_MS));
      if (timeoutMs < 1) throw new LookupError('timeout');
      const asked = [...new Set(handles)].filter((handle) => HANDLE.test(handle));
      const calls = [];
      for (let at = 0; at < asked.length; at += MAX_HANDLES)
        calls.push(askWhenClosed(asked.slice(at, at + MAX_HANDLES), timeoutMs, deadline));
      const users = new Map<string, User>();
      for (const answer of await Promise.all(calls))
        for (const user of answer.users) users.set(user.handle, user);
      return { users, missing: new Set(handles.filter((handle) => !users.has(handle))) };
    },
    close: () => pool.destroy(),
  };
}

/** @throws Error when the text is not what user-lookup answers when asked for these handles */
function readAnswer(text: string, handles: readonly string[]): Static<typeof Answer> {
  const answer: unknown = JSON.parse(text);
  if (!isAnswer.Check(answer)) throw new Error('the answer has another shape');
  const named = new Set(answer.missing);
  for (const { handle } of answer.users) named.add(handle);
  // A handle that is left out is not an unknown handle: user-lookup lists unknown handles as missing.
  if (!handles.every((handle) => named.has(handle)))
    throw new Error('the answer leaves out a handle that it was asked for');
  return answer;
}

/** Why a request failed; `status` is 0 where no answer began. */
function reasonOf(status: number, until: AbortSignal): string {
  if (until.aborted) return 'timeout';
  if (status === 0) return 'unreachable';
  return status === 200 ? 'invalid_response' : `http_${status}`;
}

/** True when user-lookup failed; false when user-lookup refused the request, or for another error. */
function isTrouble(error: unknown): boolean {
  return error instanceof LookupError && !/^http_4(?!29)/.test(error.reason);
}

function hadNoAnswer(error: unknown): boolean {
  if (!(error instanceof LookupError) || error.reason !== 'unreachable') return false;
  const { cause } = error;
  return cause instanceof Error && 'code' in cause && NO_ANSWER.has(String(cause.code));
}

/** Keeps the metrics of a circuit breaker up to date. @returns counts a call that was not made */
function measureCircuit(name: string, breaker: CircuitBreakerPolicy): () => void {
  const tell = () => {
    for (const each of new Set(Object.values(STATES)))
      state.set({ name, state: each }, each === STATES[breaker.state] ? 1 : 0);
  };
  tell();
  rejected.inc({ name }, 0);
  breaker.onStateChange(tell);
  return () => rejected.inc({ name });
}
