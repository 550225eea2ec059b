import { useOutside } from '../../../../page/browser/use-listener.ts';

const NARROW = matchMedia('(max-width: 760px)');
const TIGHT = matchMedia('(max-width: 760px), (max-height: 560px)');

/** Whether the window is so narrow that a span's bar stands below its name, as in waterfall.css. */
export function useIsNarrow(): boolean {
  return useOutside(() => NARROW.matches, NARROW);
}

/** Whether the actions on the trace stand in the line of its name. Else one button shows and hides them, as in header.css. */
export function useHasRoom(): boolean {
  return !useOutside(() => TIGHT.matches, TIGHT);
}
