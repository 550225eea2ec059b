import { CircuitState, ConstantBackoff, CountBreaker, circuitBreaker, handleWhen } from 'cockatiel';

/** Runs `work` once, `milliseconds` from now; answers a function that calls it off. */
export type Schedule = (work: () => unknown, milliseconds: number) => () => void;

/** `open`: nothing is asked; `half_open`: a probe is under way, and nothing else is asked. */
export type CircuitBreakerState = 'closed' | 'open' | 'half_open';

export interface CircuitBreaker {
  readonly state: CircuitBreakerState;
  /** How often it opened; a probe that failed does not count. */
  readonly opened: number;
  /** Calls that were not made because it was not closed. */
  readonly rejected: number;
  /**
   * Makes a call, and counts what comes of it.
   * @throws what `work` throws, and what `rejection` makes without a call while the circuit is not closed
   */
  call<T>(work: () => Promise<T>): Promise<T>;
  /** Makes a call as `call` does, but one whose outcome says nothing about the other side. */
  callUncounted<T>(work: () => Promise<T>): Promise<T>;
  /** Ends the probes. */
  close(): void;
}

export interface CircuitBreakerOptions {
  /** Whether an error says that the other side is in trouble. */
  readonly isFailure: (error: unknown) => boolean;
  /** The error of a call that is not made. */
  readonly rejection: () => Error;
  /** A call that finds out whether the other side is back. */
  readonly probe: () => Promise<unknown>;
  /** When probes happen; by timers when left out. */
  readonly schedule?: Schedule;
}

/** The last calls, which decide. */
const WINDOW_CALLS = 10;
/** Calls that a new process makes before it judges. */
const MIN_CALLS = 5;
/** More than this share of failures opens the circuit: half of them do. */
const MAX_FAILED_SHARE = 0.49;
/** Pause before a probe. */
export const PROBE_INTERVAL_MS = 250;

/** The schedule decides when to probe. The policy's own time is the wall clock, which may step back by an hour. */
const AT_ONCE = new ConstantBackoff(Number.NEGATIVE_INFINITY);

const STATES: Readonly<Record<CircuitState, CircuitBreakerState>> = {
  [CircuitState.Closed]: 'closed',
  [CircuitState.Open]: 'open',
  [CircuitState.HalfOpen]: 'half_open',
  [CircuitState.Isolated]: 'open',
};

/**
 * Stops calls to a side that does not answer, so that nobody waits for it, and finds out by probes of its own when it
 * does again: no request is the one that tries.
 */
export function createCircuitBreaker(options: CircuitBreakerOptions): CircuitBreaker {
  const { isFailure, rejection, probe, schedule = byTimer } = options;
  const breaker = new CountBreaker({
    size: WINDOW_CALLS,
    minimumNumberOfCalls: MIN_CALLS,
    threshold: MAX_FAILED_SHARE,
  });
  const policy = circuitBreaker(handleWhen(isFailure), { breaker, halfOpenAfter: AT_ONCE });
  let wasClosed = true;
  let opened = 0;
  let rejected = 0;
  let cancelProbe = () => {};
  let isEnded = false;

  policy.onBreak(() => {
    if (wasClosed) opened++;
    wasClosed = false;
    planProbe();
  });
  policy.onReset(() => {
    wasClosed = true;
  });

  function planProbe(): void {
    cancelProbe();
    if (!isEnded) cancelProbe = schedule(() => policy.execute(probe).catch(() => {}), PROBE_INTERVAL_MS);
  }

  function requireClosed(): void {
    if (policy.state === CircuitState.Closed) return;
    rejected++;
    throw rejection();
  }

  return {
    get state() {
      return STATES[policy.state];
    },
    get opened() {
      return opened;
    },
    get rejected() {
      return rejected;
    },
    async call(work) {
      requireClosed();
      return policy.execute(work);
    },
    async callUncounted(work) {
      requireClosed();
      return work();
    },
    close() {
      isEnded = true;
      cancelProbe();
    },
  };
}

function byTimer(work: () => unknown, milliseconds: number): () => void {
  const timer = setTimeout(work, milliseconds).unref();
  return () => clearTimeout(timer);
}
