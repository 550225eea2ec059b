import { ROW_HEIGHT } from '../components/rows/virtual-rows.ts';

/** The present height of a log line in pixels. In a narrow window it has two rows, one of them for the text (logs.css). */
export function lineHeightNow(): number {
  return matchMedia('(max-width: 640px)').matches ? 2 * ROW_HEIGHT : ROW_HEIGHT;
}
