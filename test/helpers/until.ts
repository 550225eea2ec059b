import { setTimeout as sleep } from 'node:timers/promises';

export interface UntilOptions {
  /** The awaited condition, for the error; the source of `look` when left out. */
  readonly what?: string | (() => string);
  /** Milliseconds until the wait fails; 60,000 by default, which is less than tap's limit for a file. */
  readonly limitMs?: number;
  /** Milliseconds between two looks; 20 when left out: at 5, the waits of a whole run take half a minute of processor time. */
  readonly everyMs?: number;
}

/**
 * Looks again and again until there is something to see, and resolves with it: the one way in which tests wait for a
 * condition.
 *
 * @param look answers undefined, null or false while it is too early
 * @throws Error naming the condition, when it is not met in time
 *
 * @example
 * await until(() => receiver.spans().length === 7);
 * const url = await until(() => /listening at (\S+)/.exec(output())?.[1], { what: () => `a URL in:\n${output()}` });
 */
export async function until<T>(
  look: () => T | Promise<T>,
  { what = String(look), limitMs = 60_000, everyMs = 20 }: UntilOptions = {},
): Promise<Exclude<T, undefined | null | false>> {
  for (const end = performance.now() + limitMs; performance.now() < end; await sleep(everyMs)) {
    const found = await look();
    if (found !== undefined && found !== null && found !== false)
      return found as Exclude<T, undefined | null | false>;
  }
  throw new Error(`Not within ${limitMs / 1000} s: ${typeof what === 'string' ? what : what()}`);
}
