import type uPlot from 'uplot';
import { chartColors, chartFont } from '../chart-colors.ts';
import { heatmapLayout } from '../heatmap/heatmap-layout.ts';
import { formatTick, logTicks, tickStep, timeTicks, valueTicks } from '../ticks.ts';
import type { SeriesLine, SeriesLines } from './series-lines.ts';

/** Height of the plot in CSS pixels. */
export const PLOT_HEIGHT = 124;

/** A point of the chart: a bucket of time on one of the lines. */
export interface ChartPoint {
  readonly index: number;
  readonly line: number;
}

/** How uPlot draws the lines, each in `colorOf` it. `onCursor` is told of the point nearest to the pointer. */
export function optionsOf(
  width: number,
  scheme: 'light' | 'dark',
  { times, step, lines, utc, log }: SeriesLines,
  format: (value: number) => string,
  colorOf: (index: number, service?: string) => string,
  onCursor: (at: ChartPoint | undefined) => void,
): uPlot.Options {
  const colors = chartColors[scheme];
  // The same width as a heatmap, so that times line up with those of the heatmap above.
  const layout = heatmapLayout(width);
  const axis: uPlot.Axis = {
    stroke: colors.text,
    font: chartFont(),
    grid: { stroke: colors.line, width: 1 },
    ticks: { show: false },
  };
  const start = times[0] ?? 0;
  return {
    width,
    height: PLOT_HEIGHT,
    legend: { show: false },
    padding: [8, layout.width - layout.left - layout.gridWidth, 0, 0],
    cursor: {
      // All charts share one line.
      x: false,
      drag: { x: false, y: false },
      points: { size: 7 },
      y: false,
      focus: { prox: 1e6 },
    },
    focus: { alpha: 1 },
    scales: {
      x: { time: false, range: [start, start + times.length * step] },
      y: log
        ? { distr: 3, log: 10, range: (_plot, min, max) => logRange(min, max) }
        : { range: (_plot, min, max) => [Math.min(0, min * 1.08), max > 0 ? max * 1.08 : min < 0 ? 0 : 1] },
    },
    axes: [
      {
        ...axis,
        size: 24,
        gap: 4,
        splits: (plot, _axis, min, max) => timeTicks(min, max, Math.max(2, Math.floor(plot.width / 90)), utc),
        values: (_plot, splits) => splits.map((each) => formatTick(each, tickStep(splits), utc)),
      },
      {
        ...axis,
        size: layout.left,
        gap: 6,
        splits: (_plot, _axis, min, max) => (log ? logTicks(min, max) : valueTicks(min, max, 4)),
        // On a logarithmic axis uPlot would leave out all but powers of ten.
        ...(log && { filter: (_plot: uPlot, splits: number[]) => splits }),
        values: (_plot, splits) => splits.map(format),
      },
    ],
    series: [
      {},
      ...lines.map(
        (line): uPlot.Series => ({
          label: line.label,
          stroke: colorOf(line.place, line.service),
          width: line.earlier === undefined ? 1.5 : 1,
          ...(line.earlier !== undefined && { dash: [4, 4] }),
          points: { show: lonely(line), size: 5 },
        }),
      ),
    ],
    hooks: {
      setCursor: [
        (plot) => {
          const { idx, left = -1 } = plot.cursor;
          if (left < 0 || idx === null || idx === undefined) return onCursor(undefined);
          onCursor({ index: idx, line: closestLine(plot, idx, lines) });
        },
      ],
    },
  };
}

/** Whole powers of ten around what there is. */
function logRange(min: number | null, max: number | null): [number, number] {
  const [low, high] = [min && min > 0 ? min : 1, max && max > 0 ? max : 10];
  const from = 10 ** Math.floor(Math.log10(low));
  return [from, Math.max(from * 10, 10 ** Math.ceil(Math.log10(high)))];
}

/** The line nearest to the pointer at one time. */
function closestLine(plot: uPlot, index: number, lines: readonly SeriesLine[]): number {
  const top = plot.cursor.top ?? 0;
  let best = 0;
  let distance = Number.POSITIVE_INFINITY;
  lines.forEach((line, i) => {
    const value = line.values[index];
    if (value === null || value === undefined) return;
    const away = Math.abs(plot.valToPos(value, 'y') - top);
    if (away < distance) [best, distance] = [i, away];
  });
  return best;
}

/** Whether a value stands alone between gaps: it is drawn as a point, since a line needs two. */
function lonely({ values }: SeriesLine): boolean {
  return values.some(
    (value, i) => value !== null && (values[i - 1] ?? null) === null && (values[i + 1] ?? null) === null,
  );
}
