/** A moment by which an answer must be there. */
export interface Deadline {
  /** By `performance.now()`. */
  readonly at: number;
  /** Milliseconds that there were from the start. */
  readonly ms: number;
}

/** The moment in so many milliseconds. */
export function deadlineIn(ms: number): Deadline {
  return { at: performance.now() + ms, ms };
}

/** Milliseconds that are left, 0 when the moment is over. */
export function leftOf({ at }: Deadline): number {
  return Math.max(0, at - performance.now());
}
