import { logTicks, valueTicks } from '../ticks.ts';
import type { SeriesLines } from './series-lines.ts';

/** The vertical axis of some lines: `heightOf` is 0 at the foot of the plot, 1 at its top. */
export type SeriesScale = ReturnType<typeof scaleOf>;

/** The scale from 0 to a little above the highest value. A logarithmic axis has whole powers of ten around all values. */
export function scaleOf({ lines, log }: Pick<SeriesLines, 'lines' | 'log'>) {
  let [min, max] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  let whole = true;
  for (const { values } of lines) {
    for (const value of values) {
      if (value === null) continue;
      min = Math.min(min, value);
      max = Math.max(max, value);
      whole &&= Number.isInteger(value);
    }
  }
  if (min > max) [min, max] = log ? [1, 10] : [0, 1];
  if (log) {
    const from = Math.floor(Math.log10(min));
    const to = Math.max(from + 1, Math.ceil(Math.log10(max)));
    return {
      ticks: logTicks(10 ** from, 10 ** to),
      heightOf: (value: number) => (Math.log10(value) - from) / (to - from),
    };
  }
  const from = Math.min(0, min * 1.08);
  const to = max > 0 ? max * 1.08 : from < 0 ? 0 : 1;
  // Counts have only whole ticks.
  const ticks = valueTicks(from, to, 4).filter((tick) => !whole || Number.isInteger(tick));
  return { ticks, heightOf: (value: number) => (value - from) / (to - from) };
}
