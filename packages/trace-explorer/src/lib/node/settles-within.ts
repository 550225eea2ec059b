import { setTimeout as sleep } from 'node:timers/promises';

/**
 * Whether `work` settles within `milliseconds`. Resolves true as soon as `work` settles, also when it fails. Resolves false
 * when the time is over or `signal` aborts first; the work itself continues. Never rejects.
 *
 * @example
 * if (!(await settlesWithin(server.close(), 5000))) server.closeAllConnections();
 */
export async function settlesWithin(
  work: PromiseLike<unknown>,
  milliseconds: number,
  signal?: AbortSignal,
): Promise<boolean> {
  const settled = new AbortController();
  const giveUp = AbortSignal.any([settled.signal, ...(signal === undefined ? [] : [signal])]);
  const late = sleep(milliseconds, false, { signal: giveUp }).catch(() => false);
  const inTime = () => true;
  const hasSettled = await Promise.race([work.then(inTime, inTime), late]);
  settled.abort();
  return hasSettled;
}
