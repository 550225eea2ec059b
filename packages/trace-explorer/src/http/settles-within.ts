/**
 * Whether `work` settles within `milliseconds`. Resolves true as soon as it does, also when it fails, and false when
 * the time is over or `signal` is aborted first; the work itself goes on. Never rejects.
 *
 * @example
 * if (!(await settlesWithin(server.close(), 5000))) server.closeAllConnections();
 */
export function settlesWithin(
  work: PromiseLike<unknown>,
  milliseconds: number,
  signal?: AbortSignal,
): Promise<boolean> {
  return new Promise((resolve) => {
    const end = (hasSettled: boolean) => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', giveUp);
      resolve(hasSettled);
    };
    const giveUp = () => end(false);
    const settled = () => end(true);
    const timer = setTimeout(giveUp, milliseconds);
    signal?.addEventListener('abort', giveUp);
    work.then(settled, settled);
    if (signal?.aborted) giveUp();
  });
}
