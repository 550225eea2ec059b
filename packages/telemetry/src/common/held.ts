import { clearInterval, setInterval } from './primordials.ts';

const LONG_MS = 60_000;

/**
 * Keeps the process alive until `work` has ended: somebody waits for it, and requests that are under way let a process go that has
 * nothing else to do. An `await` at the top of a module would end it with exit code 13.
 */
export async function held<T>(work: Promise<T>): Promise<T> {
  const alive = setInterval(() => {}, LONG_MS);
  try {
    return await work;
  } finally {
    clearInterval(alive);
  }
}
