import { useEffect } from 'preact/hooks';
import { ApiError } from './api.ts';

/** Seconds after which an explorer that did not answer is asked again. */
const AWAY_SECONDS = 2;

/** Seconds after which something that failed is tried again by itself; undefined where the same question fails again. */
export function secondsUntilRetry(error: Error | undefined): number | undefined {
  if (!(error instanceof ApiError)) return undefined;
  return error.retryAfterSeconds ?? (error.status === 0 ? AWAY_SECONDS : undefined);
}

/** Tries again by itself after the explorer was away, or too busy. */
export function useRetry(error: Error | undefined, retry: () => void): void {
  useEffect(() => {
    const seconds = secondsUntilRetry(error);
    if (seconds === undefined) return;
    const timer = setTimeout(retry, seconds * 1000);
    return () => clearTimeout(timer);
  }, [error]);
}
