import { trace } from '@opentelemetry/api';
import { Counter, Gauge } from '@prometheus-io/client';
import { withResendCount } from '@tandem/telemetry';
import type { FailureReason } from 'cockatiel';
import {
  BrokenCircuitError,
  CircuitState,
  CountBreaker,
  circuitBreaker,
  DelegateBackoff,
  handleWhen,
  retry,
  wrap,
} from 'cockatiel';
import type { UserDirectory, UserLookupOptions } from './call.ts';
import { LookupError, userLookupCall } from './call.ts';

/** The circuit opens when half of the last ten look-ups have failed, but not before five look-ups. */
const BREAKER = { size: 10, minimumNumberOfCalls: 5, threshold: 0.49 };
/** Time of an open circuit. Then one look-up tries whether user-lookup is back; the others fail at once. */
const HALF_OPEN_AFTER_MS = 2000;
/** A look-up with less time says nothing about user-lookup: its failure is not counted, and it is no try. */
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
 */
export function createUserLookupClient(options: UserLookupOptions): UserDirectory {
  const call = userLookupCall(options);
  // cockatiel regards an uncounted error as a success. So the breaker also counts a try whose caller has left.
  const counts = (error: unknown) =>
    error instanceof LookupError ? isTrouble(error) : breaker.state === CircuitState.HalfOpen;
  const breaker = circuitBreaker(handleWhen(counts), {
    breaker: new CountBreaker(BREAKER),
    // A try whose caller has left proves nothing. So the next look-up tries at once.
    halfOpenAfter: new DelegateBackoff(({ result }: { result: FailureReason<unknown> }) =>
      'error' in result && result.error instanceof LookupError ? HALF_OPEN_AFTER_MS : 0,
    ),
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
      const hasTime = deadline.millisecondsLeft() >= MIN_COUNTED_MS;
      try {
        if (breaker.state === CircuitState.Closed && !hasTime) return await call.find(handles, deadline);
        // While one look-up tries, cockatiel would make the others wait.
        if (breaker.state === CircuitState.HalfOpen || !hasTime) throw new BrokenCircuitError();
        return await policy.execute(({ attempt }) =>
          withResendCount(attempt, () => call.find(handles, deadline)),
        );
      } catch (cause) {
        if (!(cause instanceof BrokenCircuitError)) throw cause;
        rejectedCalls.inc({ name: NAME });
        throw new LookupError('circuit_open', 0, { cause });
      }
    },
    close: () => call.close(),
  };
}

/** True when user-lookup failed; false when user-lookup refused the request. */
function isTrouble({ status }: LookupError): boolean {
  return status < 400 || status === 429 || status >= 500;
}

function hadNoAnswer(error: unknown): boolean {
  if (!(error instanceof LookupError) || error.status !== 0) return false;
  const { cause } = error;
  return cause instanceof Error && 'code' in cause && NO_ANSWER.has(String(cause.code));
}
