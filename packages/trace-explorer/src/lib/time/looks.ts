import { deadlineIn, leftOf } from './deadline.ts';

/**
 * Looks for something that comes within some milliseconds: at once, and again after each pause until their time is over. A
 * look that takes long costs others their turn, never the time.
 * @param look undefined, until what it looks for is there
 * @returns what was found, or undefined
 */
export async function lookWithin<T>(
  { ms, pauseMs, signal }: { readonly ms: number; readonly pauseMs: number; readonly signal?: AbortSignal },
  look: () => Promise<T | undefined>,
): Promise<T | undefined> {
  const deadline = deadlineIn(ms);
  while (!signal?.aborted) {
    const found = await look();
    if (found !== undefined || leftOf(deadline) === 0) return found;
    await new Promise((resolve) => setTimeout(resolve, pauseMs));
  }
  return undefined;
}
