/** The first wait after a failure, in milliseconds: a backend that restarts is often back by then. */
const FIRST_MS = 500;

/** The longest wait of our own: a backend that works again gets items after at most this time. */
const LAST_MS = 5_000;

/** `Retry-After: 0` again and again must not become a busy loop. */
const LEAST_ASKED_MS = 100;

/** A backend may ask for a longer wait than ours, but not for the rest of the day. */
const MOST_ASKED_MS = 10 * 60_000;

/**
 * How long to wait after so many failures in a row, in milliseconds. It doubles from 0.5 s to 5 s, and takes between half
 * and all of that by chance, so that many processes do not come back at once. A Retry-After is followed instead, with up
 * to a tenth on top.
 */
export function backoffMs(failures: number, retryAfterSeconds?: number, random = Math.random()): number {
  if (retryAfterSeconds === undefined)
    return Math.min(LAST_MS, FIRST_MS * 2 ** Math.min(failures - 1, 30)) * (0.5 + random / 2);
  return Math.max(LEAST_ASKED_MS, Math.min(retryAfterSeconds * 1000, MOST_ASKED_MS)) * (1 + random / 10);
}
