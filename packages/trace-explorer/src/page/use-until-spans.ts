import { useLive } from './use-live.ts';

/**
 * Reads again as soon as spans come, while `empty` is true: what says that there is nothing goes away by itself. All of a
 * page hears of spans over one connection.
 */
export function useUntilSpans(empty: boolean, reload: () => void): void {
  useLive((message) => {
    if (empty && message.type !== 'lost') reload();
  });
}
