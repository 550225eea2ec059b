/** The time that a request may take. */
export interface Deadline {
  /** The moment by which its answer must be there, by `performance.now()`. */
  readonly at: number;
  /** Milliseconds between the start and the moment. */
  readonly longest: number;
  /** Milliseconds that the request may use itself: without waits, also for a processor, and of what runs beside others its share. */
  readonly ms: number;
  /** Milliseconds that it has used. */
  used: number;
}

/** A deadline after some milliseconds. @param longest of them on the clock, where the wait for others does not count */
export function deadlineIn(ms: number, longest = ms): Deadline {
  return { at: performance.now() + longest, longest, ms, used: 0 };
}

/** Milliseconds until the deadline; 0 after it. */
export function leftOf({ at }: Pick<Deadline, 'at'>): number {
  return Math.max(0, at - performance.now());
}

/** Milliseconds after which nobody waits for an answer any more. */
export const LONGEST_WAIT_MS = 60_000;
