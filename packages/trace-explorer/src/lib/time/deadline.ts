/** The time that a request may take. */
export interface Deadline {
  /** The moment of its begin, by `performance.now()`. */
  readonly began: number;
  /** The moment by which its answer must be there. It moves on while other programs have the processor, until `latest`. */
  at: number;
  readonly latest: number;
  /** Milliseconds between the begin and the moment, at first. */
  readonly longest: number;
  /** Milliseconds that the request may use itself: without waits, also for a processor, and of what runs beside others its share. */
  readonly ms: number;
  /** Milliseconds that it has used. */
  used: number;
}

/**
 * A deadline after some milliseconds.
 * @param longest of them on the clock, where the wait for others of this process does not count
 * @param latest of them on the clock, where the wait for a processor, which other programs have, does not count either
 */
export function deadlineIn(ms: number, longest = ms, latest = longest): Deadline {
  const began = performance.now();
  return { began, at: began + longest, latest: began + latest, longest, ms, used: 0 };
}

/** Milliseconds for which a request of a view waits for other requests: by then nobody looks at it any more. */
const LONGEST_WAIT_MS = 60_000;
/** Milliseconds after which a program gives up: Node's `fetch` waits five minutes for the begin of an answer. */
const LATEST_MS = 300_000;

/** The deadline of a view's read, which uses some milliseconds itself: on a busy machine it gives the same answer, later. */
export function patientDeadline(ms: number): Deadline {
  return deadlineIn(ms, LONGEST_WAIT_MS, LATEST_MS);
}

/** Milliseconds until the deadline; 0 after it. */
export function leftOf({ at }: Pick<Deadline, 'at'>): number {
  return Math.max(0, at - performance.now());
}

/** Moves a deadline on by milliseconds in which other programs had the processor. */
export function moveOn(deadline: Deadline, ms: number): void {
  deadline.at = Math.min(deadline.latest, deadline.at + ms);
}
