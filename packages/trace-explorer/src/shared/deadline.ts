/** A moment by which an answer must be there. */
export interface Deadline {
  /** The moment, by `performance.now()`. */
  readonly at: number;
  /** Milliseconds between the start and the moment. */
  readonly ms: number;
}

/** A deadline after some milliseconds. */
export function deadlineIn(ms: number): Deadline {
  return { at: performance.now() + ms, ms };
}

/** Milliseconds until the deadline; 0 after it. */
export function leftOf({ at }: Deadline): number {
  return Math.max(0, at - performance.now());
}
