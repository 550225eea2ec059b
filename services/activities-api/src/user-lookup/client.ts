import { trace } from '@opentelemetry/api';
import { Counter, Gauge } from '@prometheus-io/client';
import type { Deadline } from '@tandem/service-kit';
import { withResendCount } from '@tandem/telemetry';
import type { FoundUsers, UserDirectory, UserLookupOptions } from './call.ts';
import { LookupError, lookupTime, userLookupCall } from './call.ts';
import type { CircuitState, Outcome } from './circuit-breaker.ts';
import { circuitBreaker } from './circuit-breaker.ts';

/** A look-up with less time never tries whether user-lookup is back, and says nothing when it has no answer. */
const MIN_TELLING_MS = 450;
/** Codes of a connection that was refused, or closed before the first byte of an answer: a retry is safe. */
const NO_ANSWER = new Set(['ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'UND_ERR_SOCKET']);

const stateGauge = new Gauge({
  name: 'tandem_circuit_breaker_state',
  help: '1 for the state that the circuit breaker of user-lookup is in, 0 for the others.',
  labelNames: ['state'] as const,
});
const rejectedCalls = new Counter({
  name: 'tandem_circuit_breaker_rejected_calls_total',
  help: 'Calls of user-lookup that the open circuit breaker kept back.',
});

const STATES = ['closed', 'open', 'half_open'] as const satisfies CircuitState[];

/** Shows the state of the circuit on /metrics. */
function showState(current: CircuitState): void {
  for (const state of STATES) stateGauge.set({ state }, state === current ? 1 : 0);
}

/**
 * A client of user-lookup. When the connection of a look-up breaks before an answer, the look-up is sent once more. While
 * user-lookup does not answer, look-ups fail at once (`circuit_open`), but for one try every two seconds.
 */
export function createUserLookupClient(options: UserLookupOptions): UserDirectory {
  const call = userLookupCall(options);
  const breaker = circuitBreaker(showState);

  async function findWithRetry(handles: readonly string[], deadline: Deadline): Promise<FoundUsers> {
    try {
      return await call.find(handles, deadline);
    } catch (error) {
      if (!hadNoAnswer(error)) throw error;
      return withResendCount(1, () => call.find(handles, deadline));
    }
  }

  return {
    async find(handles, deadline) {
      trace.getActiveSpan()?.setAttribute('app.user_lookup.circuit_state', breaker.state);
      const hasTime = lookupTime(deadline) >= MIN_TELLING_MS;
      const report = breaker.admit(hasTime);
      if (report === undefined) {
        rejectedCalls.inc();
        throw new LookupError('circuit_open');
      }
      try {
        const found = await findWithRetry(handles, deadline);
        report('answered');
        return found;
      } catch (error) {
        report(outcomeOf(error, hasTime));
        throw error;
      }
    },
    close: () => call.close(),
  };
}

/** The outcome of a failed look-up. A refusal of the request (4xx but 429) is an answer. */
function outcomeOf(error: unknown, hasTime: boolean): Outcome {
  if (!(error instanceof LookupError)) return 'unknown';
  if (error.reason === 'timeout') return hasTime ? 'failed' : 'unknown';
  return error.status >= 400 && error.status < 500 && error.status !== 429 ? 'answered' : 'failed';
}

/** True when the connection of a look-up was refused, or broke before the answer. */
function hadNoAnswer(error: unknown): boolean {
  if (!(error instanceof LookupError) || error.status !== 0) return false;
  const { cause } = error;
  return cause instanceof Error && 'code' in cause && NO_ANSWER.has(String(cause.code));
}
