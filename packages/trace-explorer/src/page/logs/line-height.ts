import { ROW_HEIGHT } from '../components/rows/virtual-rows.ts';

/** Height of a log line at this moment, pixels: two rows in a narrow window, where the text has one to itself (logs.css). */
export function lineHeightNow(): number {
  return matchMedia('(max-width: 640px)').matches ? 2 * ROW_HEIGHT : ROW_HEIGHT;
}
