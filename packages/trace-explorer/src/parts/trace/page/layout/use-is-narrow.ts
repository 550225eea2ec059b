import { useOutside } from '../../../../page/browser/use-listener.ts';

const NARROW = matchMedia('(max-width: 760px)');

/** Whether the window is so narrow that a span's bar stands below its name, as in waterfall.css. */
export function useIsNarrow(): boolean {
  return useOutside(() => NARROW.matches, NARROW);
}
