import { trace } from '@opentelemetry/api';
import { Counter, Gauge } from '@prometheus-io/client';
import { withResendCount } from '@tandem/telemetry';
import {
  BrokenCircuitError,
  CircuitState,
  CountBreaker,
  circuitBreaker,
  handleWhen,
  retry,
  wrap,
} from 'cockatiel';
import type { UserDirectory } from './user-lookup-call.ts';
import { LookupError, userLookupCall } from './user-lookup-call.ts';

/** The circuit opens when half of the last ten look-ups have failed, but not before five look-ups. */
const BREAKER = { size: 10, minimumNumberOfCalls: 5, threshold: 0.49 };
/** Time of an open circuit. Then one look-up tries whether user-lookup is back; the others fail at once. */
const HALF_OPEN_AFTER_MS = 2000;
/** A failed look-up that had less time is not counted: callers choose their deadlines. */
const MIN_COUNTED_MS = 500;
/** Codes of a connection that was refused, or closed before the first byte of an answer: a retry is safe. */
const NO_ANSWER = new Set(['ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'UND_ERR_SOCKET']);

/** The names of the states on spans and on /metrics. */
const STATES = {
  [CircuitState.Closed]: 'closed',
  [CircuitState.Open]: 'open',
  [CircuitState.HalfOpen]: 'half_open',
  [CircuitState.Isolated]: 'open',
} as const;

const NAME = 'user-lookup';
const stateGauge = new Gauge({
  name: 'tandem_circuit_breaker_state',
  help: '1 for the state that the circuit breaker is in, 0 for the others.',
  labelNames: ['name', 'state'] as const,
});
const rejectedCalls = new Counter({
  name: 'tandem_circuit_breaker_rejected_calls_total',
  help: 'Calls that were not made because the circuit breaker was not closed.',
  labelNames: ['name'] as const,
});

/**
 * A client of user-lookup. A look-up is sent once more when its connection breaks. While user-lookup does not answer,
 * look-ups fail at once (`circuit_open`), but for one try every two seconds.
 *
 * @param options `token` is sent as `authorization: Bearer …`
 */
export function createUserLookupClient(
  ...[origin, options]: Parameters<typeof userLookupCall>
): UserDirectory {
  const call = userLookupCall(origin, options);
  // cockatiel takes an error that is not counted for a success. So a trial that ends without an answer is counted.
  const counts = (error: unknown) =>
    isTrouble(error) || (breaker.state === CircuitState.HalfOpen && !(error instanceof LookupError));
  const breaker = circuitBreaker(handleWhen(counts), {
    breaker: new CountBreaker(BREAKER),
    halfOpenAfter: HALF_OPEN_AFTER_MS,
  });
  const policy = wrap(breaker, retry(handleWhen(hadNoAnswer), { maxAttempts: 1 }));
  const showState = () => {
    for (const state of new Set(Object.values(STATES)))
      stateGauge.set({ name: NAME, state }, state === STATES[breaker.state] ? 1 : 0);
  };
  showState();
  rejectedCalls.inc({ name: NAME }, 0);
  breaker.onStateChange(showState);

  return {
    async find(handles, deadline) {
      trace.getActiveSpan()?.setAttribute('app.user_lookup.circuit_state', STATES[breaker.state]);
      const isCounted = deadline.millisecondsLeft() >= MIN_COUNTED_MS;
      try {
        // While one look-up tries, cockatiel would make the others wait.
        if (breaker.state === CircuitState.HalfOpen) throw new BrokenCircuitError();
        if (breaker.state === CircuitState.Closed && !isCounted) return await call.find(handles, deadline);
        return await policy.execute(({ attempt }) =>
          withResendCount(attempt, () => call.find(handles, deadline)),
        );
      } catch (cause) {
        if (!(cause instanceof BrokenCircuitError)) throw cause;
        rejectedCalls.inc({ name: NAME });
        throw new LookupError('circuit_open', { cause });
      }
    },
    close: () => call.close(),
  };
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
