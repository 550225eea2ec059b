import { useLater } from '../browser/use-paused.ts';
import { ApiError } from './api.ts';

/** Seconds before the page asks an explorer again that did not answer. */
const AWAY_SECONDS = 2;

/** Seconds before a failed request is repeated automatically. Undefined when the same request would fail again. */
export function secondsUntilRetry(error: Error | undefined): number | undefined {
  if (!(error instanceof ApiError)) return undefined;
  return error.refusal.retryAfterSeconds ?? (error.status === 0 ? AWAY_SECONDS : undefined);
}

/** Repeats a request automatically after the explorer was unreachable or too busy. */
export function useRetry(error: Error | undefined, retry: () => void): void {
  const seconds = secondsUntilRetry(error);
  useLater(retry, seconds && seconds * 1000, [error]);
}
