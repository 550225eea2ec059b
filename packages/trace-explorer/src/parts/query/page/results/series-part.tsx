import { useMemo, useRef, useState } from 'preact/hooks';
import { hueOf } from '../../../../core/places/service-color.ts';
import { useWidth } from '../../../../page/browser/use-width.ts';
import { Marks } from '../../../../page/charts/marks.tsx';
import { plotLayout } from '../../../../page/charts/plot-layout.ts';
import type { SeriesLine } from '../../../../page/charts/series/series-lines.ts';
import { seriesLines } from '../../../../page/charts/series/series-lines.ts';
import { pointX, pointY, SeriesPicture } from '../../../../page/charts/series/series-picture.tsx';
import { scaleOf } from '../../../../page/charts/series/series-scale.ts';
import { formatTick } from '../../../../page/charts/ticks.ts';
import { useServiceColor } from '../../../../page/components/services/service-colors.ts';
import { describeSeconds } from '../../../../page/components/times/describe-times.ts';
import { counted } from '../../../../page/values/format.ts';
import { filterOf } from '../values.ts';
import type { ChartProps } from './measures.ts';

const HEIGHT = 124;

/** As the lines of an earlier time are drawn. */
const DASHES = 'repeating-linear-gradient(90deg, currentcolor 0 3px, transparent 3px 5px)';

/** Counts are 0 without events. Other values are missing then. */
const COUNTED = new Set(['COUNT', 'COUNT_DISTINCT', 'CONCURRENCY']);

/**
 * The section of a formula, or of a calculation other than HEATMAP: its lines over time. A click opens a trace at the nearest
 * point. Arrow keys and Enter do the same.
 */
export function SeriesPart(props: ChartProps) {
  const { measure, shown, data, at: crosshair, onAt, onPoint, deploys } = props;
  const { key, calculation, expression, format } = measure;
  const { query } = shown.place;
  const { breakdowns = [], calculations = [] } = query;
  const isCounted = calculation !== undefined && COUNTED.has(calculation.op);
  const log = props.log && shown.place.log === true;
  const series = useMemo(
    () => seriesLines(data, key, breakdowns, { counted: isCounted, log }),
    [data, key, query, isCounted, log],
  );
  const serviceColor = useServiceColor();
  const colorOf = ({ index, service }: SeriesLine) =>
    service === undefined ? hueOf(index) : serviceColor(service);
  // When a point is a number of events and not a value of their fields, a click opens the slowest trace.
  const column = isCounted || /^(?:SUM|RATE)/u.test(calculation?.op ?? '') ? undefined : calculation?.column;
  const root = useRef<HTMLDivElement>(null);
  // The width of a heatmap, if there is one, so that its times stand below the times of the heatmap.
  const beside = calculations.some(({ op }) => op === 'HEATMAP') ? undefined : 0;
  const layout = plotLayout(useWidth(root), HEIGHT, beside);
  const { times, start, end, step, lines } = series;
  const scale = useMemo(() => scaleOf(series), [series]);
  /** The bucket under the pointer in any of the charts. */
  const index = crosshair === undefined ? -1 : Math.floor((crosshair - start) / step);
  const time = times[index];
  /** The line that is the nearest to the pointer, while it is over this chart. */
  const [nearest, setNearest] = useState(-1);
  const line = lines[nearest];
  const value = line?.values[index] ?? null;
  const yOf = (of: number) => pointY(layout, scale.heightOf(of));
  const leave = () => {
    setNearest(-1);
    onAt(undefined);
  };
  const moveTo = (bucket: number, nth: number) => {
    setNearest(nth);
    onAt(start + (bucket + 0.5) * step);
  };
  const onPointer = (event: PointerEvent) => {
    const { left = 0, top = 0 } = root.current?.getBoundingClientRect() ?? {};
    const bucket = Math.floor(((event.clientX - left - layout.left) / layout.gridWidth) * times.length);
    if (bucket < 0 || bucket >= times.length) return leave();
    const away = lines.map(({ values }) => Math.abs(yOf(values[bucket] ?? Infinity) - event.clientY + top));
    moveTo(bucket, away.indexOf(Math.min(...away)));
  };
  const open = () => {
    if (line === undefined || value === null || time === undefined) return;
    const start = time - (line.earlier ?? 0);
    onPoint({
      column: column ?? 'duration_ms',
      start,
      end: start + step,
      group: breakdowns.map((name) => filterOf(name, line.row[name])),
      ...(column !== undefined && { atMost: value }),
    });
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const [bucket, nth] = [index < 0 ? times.length : index, Math.max(0, nearest)];
    const along = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    const across = { ArrowDown: 1, ArrowUp: lines.length - 1 }[event.key];
    if (along !== undefined) moveTo(nextValue(lines[nth], bucket, along), nth);
    else if (across !== undefined) moveTo(bucket, (nth + across) % lines.length);
    else if (event.key === 'Enter' && !event.shiftKey) open();
    else return;
    event.preventDefault();
  };
  const drawn = lines.filter(({ earlier }) => earlier === undefined);
  const before = lines.filter(({ earlier }) => earlier !== undefined);
  const valueText = ({ values }: SeriesLine, none = '–') => {
    const there = values[index] ?? null;
    return there === null ? none : format(there);
  };
  const moment = time === undefined ? '' : formatTick(time, Math.min(step, 59));
  return (
    <section class="chart pad column" aria-label={key}>
      <h2>
        {key}
        {isCounted && <span class="faint"> in {describeSeconds(step)}</span>}
        {expression !== undefined && <span class="muted"> = {expression}</span>}
      </h2>
      <div class="within">
        <div
          ref={root}
          class="series-plot"
          // biome-ignore lint/a11y/noNoninteractiveTabindex: a control: arrow keys and Enter work on it
          tabIndex={0}
          role="application"
          aria-roledescription="line chart"
          aria-label={`${key} over time, ${counted(lines.length, 'line')}. Arrow keys move, Enter opens the slowest trace at or below the point.`}
          onClick={open}
          onPointerDown={onPointer}
          onPointerMove={onPointer}
          onPointerLeave={leave}
          onKeyDown={onKeyDown}
          onBlur={leave}
        >
          <SeriesPicture series={series} layout={layout} scale={scale} format={format} colorOf={colorOf}>
            {value !== null && (
              <circle cx={pointX(layout, times.length, index)} cy={yOf(value)} r={3.5} fill="var(--ink)" />
            )}
          </SeriesPicture>
        </div>
        <Marks {...deploys} at={crosshair} start={start} end={end} layout={layout} />
        <p class="series-now placed passive ellipsis" aria-live="polite">
          {line !== undefined &&
            time !== undefined &&
            [moment, ...(lines.length > 1 ? [line.label] : []), valueText(line, 'no events')].join(' · ')}
        </p>
      </div>
      <ul class="legend line" style={{ paddingLeft: '60px' }}>
        {drawn.map((line, i) => (
          <li key={line.label} class="ellipsis" title={line.label}>
            <span class="service-mark" aria-hidden="true" style={{ '--own': colorOf(line) }} /> {line.label}
            {time !== undefined && <b> {valueText(line)}</b>}
            {time !== undefined && before[i] !== undefined && (
              <span class="muted"> {valueText(before[i])}</span>
            )}
          </li>
        ))}
        {before[0]?.earlier !== undefined && (
          <li class="muted">
            <span class="service-mark" aria-hidden="true" style={{ '--own': DASHES }} />{' '}
            {describeSeconds(before[0].earlier)} earlier
          </li>
        )}
        {data.results.length > drawn.length && (
          <li class="muted">and {data.results.length - drawn.length} more in the table</li>
        )}
        {time !== undefined && <li class="muted">{moment}</li>}
      </ul>
    </section>
  );
}

/** The next bucket in a direction in which the line has a value. Without one, the bucket stays. */
function nextValue(line: SeriesLine | undefined, from: number, step: number): number {
  const values = line?.values ?? [];
  for (let i = from + step; i >= 0 && i < values.length; i += step) if (values[i] !== null) return i;
  return Math.min(values.length - 1, Math.max(0, from));
}
