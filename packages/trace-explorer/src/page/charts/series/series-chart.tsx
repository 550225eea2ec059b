import { useEffect, useRef, useState } from 'preact/hooks';
import uPlot from 'uplot';
import { useColorScheme } from '../../components/use-color-scheme.ts';
import { useWidth } from '../../components/use-width.ts';
import type { Crosshair } from '../crosshair.ts';
import { CrosshairLine } from '../crosshair-line.tsx';
import { heatmapLayout } from '../heatmap/heatmap-layout.ts';
import { formatTick } from '../ticks.ts';
import { useLineColor } from '../use-line-color.ts';
import type { ChartPoint } from './plot-options.ts';
import { optionsOf, PLOT_HEIGHT } from './plot-options.ts';
import type { SeriesLine, SeriesLines } from './series-lines.ts';

export interface SeriesChartProps {
  readonly title: string;
  readonly series: SeriesLines;
  readonly format: (value: number) => string;
  readonly crosshair: Crosshair;
  readonly onPoint: (point: { start: number; end: number; value: number; line: SeriesLine }) => void;
}

/** Lines over time. A click opens a trace at the nearest point; so do the arrow keys and Enter. */
export function SeriesChart({ title, series, format, crosshair, onPoint }: SeriesChartProps) {
  const root = useRef<HTMLDivElement>(null);
  const width = useWidth(root);
  const scheme = useColorScheme();
  const lineColor = useLineColor();
  const plot = useRef<uPlot>(undefined);
  const latest = useRef({ format, onPoint, series });
  latest.current = { format, onPoint, series };
  const [at, show] = useState<ChartPoint>();
  const isPointed = useRef(false);
  const setAt = (point: ChartPoint | undefined) => {
    show(point);
    // uPlot says so of a chart that was never pointed at, too: the crosshair may be another chart's.
    if (point === undefined && !isPointed.current) return;
    isPointed.current = point !== undefined;
    const time = latest.current.series.times[point?.index ?? -1];
    crosshair.set(time === undefined ? undefined : time + latest.current.series.step / 2);
  };

  useEffect(() => {
    const element = root.current;
    if (element === null || width === 0) return;
    const made = new uPlot(
      optionsOf(width, scheme, series, (value) => latest.current.format(value), lineColor, setAt),
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
        style={{ height: `${PLOT_HEIGHT}px` }}
        onClick={open}
        onKeyDown={onKeyDown}
        onBlur={() => setAt(undefined)}
      />
      <CrosshairLine
        crosshair={crosshair}
        start={series.times[0] ?? 0}
        end={(series.times[0] ?? 0) + series.times.length * series.step}
        layout={heatmapLayout(width)}
      />
      <p class="series-now" aria-live="polite">
        {at !== undefined && pointText(series, at, format)}
      </p>
    </div>
  );
}

/** The next bucket in a direction in which the line has a value; where there is none, the bucket it was at. */
function nearest({ lines }: SeriesLines, line: number, from: number, step: 1 | -1): number {
  const values = lines[line]?.values ?? [];
  for (let i = from + step; i >= 0 && i < values.length; i += step) if (values[i] !== null) return i;
  return Math.min(values.length - 1, Math.max(0, from));
}

function pointText(
  { times, step, lines, utc }: SeriesLines,
  at: ChartPoint,
  format: (value: number) => string,
) {
  const line = lines[at.line];
  const value = line?.values[at.index];
  const time = times[at.index];
  if (line === undefined || time === undefined) return '';
  const shown = value === null || value === undefined ? 'no events' : format(value);
  return `${formatTick(time, Math.min(step, 59), utc)} · ${lines.length > 1 ? `${line.label} · ` : ''}${shown}`;
}
