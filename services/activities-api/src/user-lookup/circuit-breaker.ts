/** The circuit opens when half of the last calls have failed, but not before five calls. */
const LAST_CALLS = 10;
const MIN_CALLS = 5;
/** The circuit also opens when so many calls in a row had no answer, although each had little time. */
const MAX_UNANSWERED = 5;
/** Time of an open circuit. Then one call tries whether the service is back. */
const OPEN_MS = 2000;

export type CircuitState = 'closed' | 'open' | 'half_open';

/** The time of a call: all that a call may take, less, or so little that a call without an answer says nothing. */
export type CallTime = 'full' | 'short' | 'tiny';

/** The outcome of a call. `unknown`: the caller left. */
export type Outcome = 'answered' | 'failed' | 'unanswered' | 'unknown';

/**
 * Stops calls of a service that does not answer.
 *
 * | state     | calls                       | becomes                                                                  |
 * |-----------|-----------------------------|--------------------------------------------------------------------------|
 * | closed    | are made                    | open, when half of the last ten failed, or five in a row were unanswered  |
 * | open      | are refused                 | half-open by the next call after two seconds, unless its time is tiny     |
 * | half-open | are refused, but for a try  | closed when the try is answered, open for two seconds when it fails       |
 *
 * A caller chooses its time, so an unanswered call has failed when its time was full. When its time was short, it counts
 * only in a row of unanswered calls, and only while no call with its full time is under way. When a try proves nothing,
 * the next call with its full time tries at once.
 *
 * @param showState called with each state
 */
export function circuitBreaker(showState: (state: CircuitState) => void) {
  let state: CircuitState;
  let hasFailed: boolean[]; // of the last calls
  let unanswered: number; // in a row
  let fullCalls = 0; // under way
  const tryAt = { full: 0, short: 0, tiny: Number.POSITIVE_INFINITY }; // readings of performance.now()

  function enter(next: CircuitState): void {
    state = next;
    hasFailed = [];
    unanswered = 0;
    showState(next);
  }

  function open(): void {
    tryAt.full = tryAt.short = performance.now() + OPEN_MS;
    enter('open');
  }

  function settleTry(outcome: Outcome, isFailure: boolean): void {
    if (isFailure) open();
    else if (outcome === 'answered') enter('closed');
    else {
      if (outcome === 'unanswered') tryAt.short = performance.now() + OPEN_MS;
      enter('open');
    }
  }

  function settleCall(outcome: Outcome, isFailure: boolean, time: CallTime): void {
    const isAnswered = outcome === 'answered';
    if (isAnswered || isFailure) hasFailed = [...hasFailed, isFailure].slice(-LAST_CALLS);
    if (isAnswered) unanswered = 0;
    else if (outcome === 'unanswered' && time !== 'tiny' && fullCalls === 0) unanswered++;
    const failures = hasFailed.filter(Boolean).length;
    const isFailing = hasFailed.length >= MIN_CALLS && failures >= hasFailed.length / 2;
    if (isFailing || unanswered === MAX_UNANSWERED) open();
  }

  enter('closed');
  return {
    get state(): CircuitState {
      return state;
    },
    /** Admits a call; the caller reports its outcome. Undefined when the call must not be made. */
    admit(time: CallTime): ((outcome: Outcome) => void) | undefined {
      if (state === 'half_open' || (state === 'open' && performance.now() < tryAt[time])) return undefined;
      const isTry = state === 'open';
      if (isTry) enter('half_open');
      if (time === 'full') fullCalls++;
      return function report(outcome) {
        if (time === 'full') fullCalls--;
        const isFailure = outcome === 'failed' || (outcome === 'unanswered' && time === 'full');
        if (isTry) settleTry(outcome, isFailure);
        else if (state === 'closed') settleCall(outcome, isFailure, time);
      };
    },
  };
}
