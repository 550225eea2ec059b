import { useEffect, useRef, useState } from 'preact/hooks';
import uPlot from 'uplot';
import { chartColors, lineColor } from './chart-colors.ts';
import { heatmapLayout } from './draw-heatmap.ts';
import type { SeriesLine, SeriesLines } from './series.ts';
import { formatTick, tickStep, timeTicks, valueTicks } from './ticks.ts';
import { useColorScheme, useWidth } from './use-size.ts';

export interface SeriesChartProps {
  readonly title: string;
  readonly series: SeriesLines;
  readonly format: (value: number) => string;
  readonly onPoint: (point: { start: number; end: number; value: number; line: SeriesLine }) => void;
}

const height = 148;

/** Lines over time. A click opens a trace at the nearest point; so do the arrow keys and Enter. */
export function SeriesChart({ title, series, format, onPoint }: SeriesChartProps) {
  const root = useRef<HTMLDivElement>(null);
  const width = useWidth(root);
  const scheme = useColorScheme();
  const plot = useRef<uPlot>(undefined);
  const latest = useRef({ format, onPoint, series });
  latest.current = { format, onPoint, series };
  const [at, setAt] = useState<{ index: number; line: number }>();

  useEffect(() => {
    const element = root.current;
    if (element === null || width === 0) return;
    const made = new uPlot(
      optionsOf(width, scheme, series, (value) => latest.current.format(value), setAt),
      [[...series.times], ...series.lines.map((line) => [...line.values])],
      element,
    );
    plot.current = made;
    return () => {
      made.destroy();
      plot.current = undefined;
    };
  }, [series, width, scheme]);

  const open = () => {
    const line = at === undefined ? undefined : series.lines[at.line];
    const value = line?.values[at?.index ?? -1];
    const start = series.times[at?.index ?? -1];
    if (line === undefined || value === null || value === undefined || start === undefined) return;
    onPoint({ start, end: start + series.step, value, line });
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const now = at ?? { index: series.times.length, line: 0 };
    if (event.key === 'ArrowLeft') setAt({ ...now, index: nearest(series, now.line, now.index, -1) });
    else if (event.key === 'ArrowRight') setAt({ ...now, index: nearest(series, now.line, now.index, 1) });
    else if (event.key === 'ArrowDown') setAt({ ...now, line: (now.line + 1) % series.lines.length });
    else if (event.key === 'ArrowUp')
      setAt({ ...now, line: (now.line + series.lines.length - 1) % series.lines.length });
    else if (event.key === 'Enter' && !event.shiftKey) open();
    else return;
    event.preventDefault();
  };
  return (
    <div class="series">
      <div
        ref={root}
        class="series-plot"
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a control: arrow keys and Enter work on it
        tabIndex={0}
        role="application"
        aria-roledescription="line chart"
        aria-label={`${title} over time, ${series.lines.length} ${series.lines.length === 1 ? 'line' : 'lines'}. Arrow keys move, Enter opens the slowest trace at or below the point.`}
        style={{ height: `${height}px` }}
        onClick={open}
        onKeyDown={onKeyDown}
      />
      <p class="series-now" aria-live="polite">
        {at !== undefined && pointText(series, at, format)}
      </p>
    </div>
  );
}

function optionsOf(
  width: number,
  scheme: 'light' | 'dark',
  { times, step, lines }: SeriesLines,
  format: (value: number) => string,
  onCursor: (at: { index: number; line: number } | undefined) => void,
): uPlot.Options {
  const colors = chartColors[scheme];
  // Times stand below those of a heatmap.
  const layout = heatmapLayout(width);
  const axis: uPlot.Axis = {
    stroke: colors.text,
    font: '11px system-ui, sans-serif',
    grid: { stroke: colors.line, width: 1 },
    ticks: { show: false },
  };
  const start = times[0] ?? 0;
  return {
    width,
    height,
    legend: { show: false },
    padding: [8, layout.width - layout.left - layout.gridWidth, 0, 0],
    cursor: {
      drag: { x: false, y: false },
      points: { size: 7 },
      y: false,
      focus: { prox: 1e6 },
    },
    focus: { alpha: 1 },
    scales: {
      x: { time: false, range: [start, start + times.length * step] },
      y: { range: (_plot, _min, max) => [0, max > 0 ? max * 1.08 : 1] },
    },
    axes: [
      {
        ...axis,
        size: 24,
        gap: 4,
        splits: (plot, _axis, min, max) => timeTicks(min, max, Math.max(2, Math.floor(plot.width / 90))),
        values: (_plot, splits) => splits.map((each) => formatTick(each, tickStep(splits))),
      },
      {
        ...axis,
        size: layout.left,
        gap: 6,
        splits: (_plot, _axis, min, max) => valueTicks(min, max, 4),
        values: (_plot, splits) => splits.map(format),
      },
    ],
    series: [
      {},
      ...lines.map(
        (line, index): uPlot.Series => ({
          label: line.label,
          stroke: lineColor(scheme, index, line.service),
          width: 1.5,
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

/** The next bucket of a line, in a direction, that has a value; else where it was. */
function nearest({ lines }: SeriesLines, line: number, from: number, step: 1 | -1): number {
  const values = lines[line]?.values ?? [];
  for (let i = from + step; i >= 0 && i < values.length; i += step) if (values[i] !== null) return i;
  return Math.min(values.length - 1, Math.max(0, from));
}

/** Points between gaps would not be seen as lines. */
function lonely({ values }: SeriesLine): boolean {
  return values.some(
    (value, i) => value !== null && (values[i - 1] ?? null) === null && (values[i + 1] ?? null) === null,
  );
}

function pointText(
  { times, step, lines }: SeriesLines,
  at: { index: number; line: number },
  format: (value: number) => string,
) {
  const line = lines[at.line];
  const value = line?.values[at.index];
  const time = times[at.index];
  if (line === undefined || time === undefined) return '';
  const shown = value === null || value === undefined ? 'no events' : format(value);
  return `${formatTick(time, Math.min(step, 59))} · ${lines.length > 1 ? `${line.label} · ` : ''}${shown}`;
}
