import { useLive } from './use-live.ts';

/**
 * Reads again as soon as spans come, while `empty` is true: an empty state goes away by itself. All of a
 * page hears of spans over one connection.
 */
export function useUntilSpans(empty: boolean, reload: () => void): void {
  useLive(() => empty && reload());
}
