/** The circuit opens when half of the last calls have failed, but not before five calls. */
const LAST_CALLS = 10;
const MIN_CALLS = 5;
/** Time of an open circuit. Then one call tries whether the service is back. */
const OPEN_MS = 2000;

export type CircuitState = 'closed' | 'open' | 'half_open';

/** The outcome of a call. `unknown`: the call says nothing about the service. */
export type Outcome = 'answered' | 'failed' | 'unknown';

/**
 * Stops calls of a service that does not answer.
 *
 * | state     | calls                      | becomes                                                               |
 * |-----------|----------------------------|-----------------------------------------------------------------------|
 * | closed    | are made                   | open, when half of the last ten have failed                           |
 * | open      | are refused                | half-open by the next call after two seconds, if this call may try    |
 * | half-open | are refused, but for a try | closed when the try is answered, open for two seconds when it fails   |
 *
 * After a try with an unknown outcome, the circuit is open, and the next call tries at once.
 *
 * @param showState called with each state
 */
export function circuitBreaker(showState: (state: CircuitState) => void) {
  let state: CircuitState;
  let hasFailed: boolean[]; // of the last calls
  let tryAt = 0; // reading of performance.now()

  function enter(next: CircuitState): void {
    state = next;
    hasFailed = [];
    showState(next);
  }

  function open(): void {
    tryAt = performance.now() + OPEN_MS;
    enter('open');
  }

  function settleTry(outcome: Outcome): void {
    if (outcome === 'failed') open();
    else enter(outcome === 'answered' ? 'closed' : 'open');
  }

  function settleCall(outcome: Outcome): void {
    if (outcome === 'unknown') return;
    hasFailed = [...hasFailed, outcome === 'failed'].slice(-LAST_CALLS);
    const failures = hasFailed.filter(Boolean).length;
    if (hasFailed.length >= MIN_CALLS && failures >= hasFailed.length / 2) open();
  }

  enter('closed');
  return {
    get state(): CircuitState {
      return state;
    },
    /** Admits a call; the caller reports its outcome. Undefined when the call must not be made. */
    admit(mayTry: boolean): ((outcome: Outcome) => void) | undefined {
      const isTry = state === 'open' && mayTry && performance.now() >= tryAt;
      if (state !== 'closed' && !isTry) return undefined;
      if (isTry) enter('half_open');
      return function report(outcome) {
        if (isTry) settleTry(outcome);
        else if (state === 'closed') settleCall(outcome);
      };
    },
  };
}
