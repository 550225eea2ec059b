import { useMemo, useRef, useState } from 'preact/hooks';
import { useWidth } from '../../browser/use-width.ts';
import { CrosshairLine } from '../crosshair-line.tsx';
import type { ShownDeploys } from '../deploys.tsx';
import { Deploys } from '../deploys.tsx';
import { plotLayout } from '../plot-layout.ts';
import { formatTick } from '../ticks.ts';
import type { SeriesLine, SeriesLines } from './series-lines.ts';
import { pointX, pointY, SeriesPicture } from './series-picture.tsx';
import { scaleOf } from './series-scale.ts';

export interface SeriesChartProps {
  readonly title: string;
  readonly series: SeriesLines;
  readonly format: (value: number) => string;
  readonly colorOf: (line: SeriesLine) => string;
  /** The moment under the pointer or the arrow keys in any of the charts, seconds since the epoch. */
  readonly at: number | undefined;
  readonly onAt: (at: number | undefined) => void;
  readonly onPoint: (point: { start: number; end: number; value: number; line: SeriesLine }) => void;
  readonly marked?: ShownDeploys | undefined;
}

/** A point of the chart: a bucket of time on one of the lines. */
interface ChartPoint {
  readonly index: number;
  readonly line: number;
}

/** In pixels. */
const HEIGHT = 124;

/** Lines over time. A click opens a trace at the nearest point. Arrow keys and Enter do the same. */
export function SeriesChart({
  title,
  series,
  format,
  colorOf,
  at: crosshair,
  onAt,
  onPoint,
  marked,
}: SeriesChartProps) {
  const root = useRef<HTMLDivElement>(null);
  const width = useWidth(root);
  // The width of a heatmap, so that its times stand below the times of the heatmap.
  const layout = plotLayout(width, HEIGHT);
  const { times, step, lines } = series;
  const scale = useMemo(() => scaleOf(series), [series]);
  const [at, show] = useState<ChartPoint>();
  const start = times[0] ?? 0;
  const end = start + times.length * step;
  const xOf = (index: number) => pointX(layout, times.length, index);
  const yOf = (value: number) => pointY(layout, scale.heightOf(value));
  const setAt = (point: ChartPoint | undefined) => {
    show(point);
    const time = times[point?.index ?? -1];
    onAt(time === undefined ? undefined : time + step / 2);
  };
  const pointAt = (event: PointerEvent): ChartPoint | undefined => {
    const box = root.current?.getBoundingClientRect();
    const index = Math.floor(
      ((event.clientX - (box?.left ?? 0) - layout.left) / layout.gridWidth) * times.length,
    );
    if (index < 0 || index >= times.length) return undefined;
    const y = event.clientY - (box?.top ?? 0);
    const away = lines.map(({ values }) => {
      const value = values[index] ?? null;
      return value === null ? Number.POSITIVE_INFINITY : Math.abs(yOf(value) - y);
    });
    return { index, line: away.indexOf(Math.min(...away)) };
  };
  const open = () => {
    const line = lines[at?.line ?? -1];
    const value = line?.values[at?.index ?? -1] ?? null;
    const from = times[at?.index ?? -1];
    if (line === undefined || value === null || from === undefined) return;
    onPoint({ start: from, end: from + step, value, line });
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const now = at ?? { index: times.length, line: 0 };
    const along = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    const across = { ArrowDown: 1, ArrowUp: lines.length - 1 }[event.key];
    if (along !== undefined) setAt({ ...now, index: nearest(lines[now.line], now.index, along) });
    else if (across !== undefined) setAt({ ...now, line: (now.line + across) % lines.length });
    else if (event.key === 'Enter' && !event.shiftKey) open();
    else return;
    event.preventDefault();
  };
  const value = at && (lines[at.line]?.values[at.index] ?? null);
  return (
    <div class="within">
      <div
        ref={root}
        class="series-plot"
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a control: arrow keys and Enter work on it
        tabIndex={0}
        role="application"
        aria-roledescription="line chart"
        aria-label={`${title} over time, ${lines.length} ${lines.length === 1 ? 'line' : 'lines'}. Arrow keys move, Enter opens the slowest trace at or below the point.`}
        onClick={open}
        onPointerDown={(event) => setAt(pointAt(event))}
        onPointerMove={(event) => setAt(pointAt(event))}
        onPointerLeave={() => setAt(undefined)}
        onKeyDown={onKeyDown}
        onBlur={() => setAt(undefined)}
      >
        <SeriesPicture series={series} layout={layout} scale={scale} format={format} colorOf={colorOf}>
          {at !== undefined && value != null && (
            <circle cx={xOf(at.index)} cy={yOf(value)} r={3.5} fill="var(--ink)" />
          )}
        </SeriesPicture>
      </div>
      <CrosshairLine at={crosshair} start={start} end={end} layout={layout} />
      {marked && width > 0 && <Deploys {...marked} start={start} end={end} layout={layout} />}
      <p class="series-now placed passive ellipsis" aria-live="polite">
        {at !== undefined && pointText(series, at, format)}
      </p>
    </div>
  );
}

/** The next bucket in a direction in which the line has a value. Without one, the bucket stays. */
function nearest(line: SeriesLine | undefined, from: number, step: number): number {
  const values = line?.values ?? [];
  for (let i = from + step; i >= 0 && i < values.length; i += step) if (values[i] !== null) return i;
  return Math.min(values.length - 1, Math.max(0, from));
}

function pointText({ times, step, lines }: SeriesLines, at: ChartPoint, format: (value: number) => string) {
  const line = lines[at.line];
  const value = line?.values[at.index];
  const time = times[at.index];
  if (line === undefined || time === undefined) return '';
  const shown = value === null || value === undefined ? 'no events' : format(value);
  return `${formatTick(time, Math.min(step, 59))} · ${lines.length > 1 ? `${line.label} · ` : ''}${shown}`;
}
