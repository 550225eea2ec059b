import type { ComponentChildren } from 'preact';
import { useMemo, useRef, useState } from 'preact/hooks';
import type { Moments, Range } from '../../../core/places/range.ts';
import { timesOf } from '../../../core/places/shown-range.ts';
import { calculationKey } from '../../../core/query/parse/operators.ts';
import type { Calculation } from '../../../core/query/parse/query-spec.ts';
import type { QueryData } from '../../../core/query/result/query-result.ts';
import type { Deploy } from '../../../core/range/schemas.ts';
import { logQuery } from '../../../page/api/log-query.ts';
import { sendQuery } from '../../../page/api/send-query.ts';
import { useLoad } from '../../../page/api/use-load.ts';
import { useWidth } from '../../../page/browser/use-width.ts';
import { heightOf } from '../../../page/charts/heatmap/heatmap-geometry.ts';
import { heatmapGrid } from '../../../page/charts/heatmap/heatmap-grid.ts';
import { HeatmapPicture } from '../../../page/charts/heatmap/heatmap-picture.tsx';
import { Marks } from '../../../page/charts/marks.tsx';
import type { PlotLayout } from '../../../page/charts/plot-layout.ts';
import { plotLayout } from '../../../page/charts/plot-layout.ts';
import type { SeriesLines } from '../../../page/charts/series/series-lines.ts';
import { seriesLines } from '../../../page/charts/series/series-lines.ts';
import type { SeriesPictureProps } from '../../../page/charts/series/series-picture.tsx';
import { SeriesPaths, SeriesPicture } from '../../../page/charts/series/series-picture.tsx';
import { scaleOf } from '../../../page/charts/series/series-scale.ts';
import { formatTick } from '../../../page/charts/ticks.ts';
import { Loaded } from '../../../page/components/states/loaded.tsx';
import { formatDuration, formatRate } from '../../../page/values/format.ts';
import { CHARTS, chartsQuery, deployPlace } from './overview-places.ts';
import type { Brush } from './use-brush.ts';
import { useBrush } from './use-brush.ts';

/** In pixels. */
const HEIGHT = 112;

export interface OverviewChartsProps {
  readonly range: Range;
  readonly service: string | undefined;
  /** The marked part of the range. All lists below the charts are about it. */
  readonly brushed: Moments | undefined;
  readonly onBrush: (range: OverviewChartsProps['brushed']) => void;
  readonly deploys: readonly Deploy[];
  /** Why the figures could not be read. */
  readonly said: string | undefined;
  /** A change of this value makes the charts read again. */
  readonly turn: unknown;
}

/** Requests, errors and durations over time. Marking a stretch in a chart narrows all lists below the charts. */
export default function OverviewCharts({ range, service, turn, said, ...props }: OverviewChartsProps) {
  const load = useLoad(
    (signal) => sendQuery('__all__', logQuery(chartsQuery(range, service)), { signal }),
    [JSON.stringify(timesOf(range)), service, turn],
  );
  return (
    <Loaded load={load} said={said} what="Drawing the charts" hasCancel={false}>
      {(data) => <Charts data={data} {...props} />}
    </Loaded>
  );
}

type ShownProps = Pick<OverviewChartsProps, 'brushed' | 'onBrush' | 'deploys'> & { readonly data: QueryData };

function Charts({ data, brushed, onBrush, deploys }: ShownProps) {
  const [at, onAt] = useState<number>();
  const shown = useMemo(() => {
    const lines = (of: Calculation, counted: boolean) =>
      seriesLines(data, calculationKey(of), [], { counted });
    return {
      requests: lines(CHARTS.requests, true),
      errors: lines(CHARTS.errors, true),
      p95: lines(CHARTS.p95, false),
      grid: heatmapGrid(data, calculationKey(CHARTS.heatmap), { log: true }),
    };
  }, [data]);
  const { requests, errors, p95, grid } = shown;
  const brush = useBrush(requests, brushed, onBrush);
  const frame = { brush, deploys, at, onAt };
  // A count is of one bucket.
  const rate = (count: number) => formatRate(count, requests.step);
  return (
    <>
      <Chart {...frame} title="Requests" series={requests} format={rate} links>
        {(layout) => <Counts series={requests} layout={layout} format={rate} color="var(--ink2)" />}
      </Chart>
      <Chart {...frame} title="Failed" series={errors} format={rate}>
        {(layout) => <Counts series={errors} layout={layout} format={rate} color="var(--err)" />}
      </Chart>
      <Chart {...frame} title="Duration, P95" series={p95} format={formatDuration}>
        {(layout) =>
          grid && (
            <>
              <HeatmapPicture grid={grid} layout={layout} format={formatDuration} />
              <svg class="cover" width={layout.width} height={layout.height} aria-hidden="true">
                <SeriesPaths
                  series={p95}
                  layout={layout}
                  heightOf={(value) => heightOf(value, grid)}
                  colorOf={() => 'var(--ink)'}
                />
              </svg>
            </>
          )
        }
      </Chart>
    </>
  );
}

type CountsProps = Pick<SeriesPictureProps, 'series' | 'layout' | 'format'> & { readonly color: string };

/** A line, and its area down to the axis. */
function Counts({ color, ...chart }: CountsProps) {
  const { series } = chart;
  const most = Math.max(1, ...(series.lines[0]?.values ?? []).map((value) => value ?? 0));
  // Values that exist: the highest, the half of it, and none.
  const scale = { ...scaleOf(series), ticks: [0, ...(most > 1 ? [Math.ceil(most / 2)] : []), most] };
  return <SeriesPicture hasAreas {...chart} scale={scale} colorOf={() => color} />;
}

interface ChartProps {
  readonly title: string;
  readonly series: SeriesLines;
  readonly format: (value: number) => string;
  readonly brush: Brush;
  /** The moment under the pointer in any of the charts, seconds since the epoch. */
  readonly at: number | undefined;
  readonly onAt: (at: number | undefined) => void;
  readonly deploys: readonly Deploy[];
  /** Whether deploys are links in this chart. One chart with links is enough. */
  readonly links?: boolean;
  readonly children: (layout: PlotLayout) => ComponentChildren;
}

function Chart({ title, series, format, brush, at, onAt, deploys, links = false, children }: ChartProps) {
  const root = useRef<HTMLDivElement>(null);
  const layout = plotLayout(useWidth(root), HEIGHT, 0, true);
  const { start, end } = series;
  const percent = (seconds: number) => `${(100 * (seconds - start)) / (end - start)}%`;
  const { marked } = brush;
  const onPointerMove = (event: PointerEvent & { readonly currentTarget: HTMLElement }) => {
    const { left: from, width } = event.currentTarget.getBoundingClientRect();
    onAt(start + ((event.clientX - from) / width) * (end - start));
    brush.handlers.onPointerMove(event);
  };
  return (
    <figure class="overview-chart">
      <figcaption class="meta faint placed">
        <span class="visually-hidden">{title}</span> <Now series={series} at={at} format={format} />
      </figcaption>
      <div class="overview-plot within" ref={root} style={{ height: `${HEIGHT}px` }}>
        {layout.width > 0 && children(layout)}
        <div
          class="overview-brush placed drags"
          style={layout.area}
          // biome-ignore lint/a11y/noNoninteractiveTabindex: a control: arrow keys, Shift and Enter work on it
          tabIndex={0}
          role="application"
          aria-roledescription="chart"
          aria-label={`${title} over time. Drag, or press Shift with an arrow key, to mark a time; Enter narrows the view to it, Escape ends that.`}
          {...brush.handlers}
          onPointerMove={onPointerMove}
          onPointerLeave={() => onAt(undefined)}
        >
          {marked && (
            <span
              class="marked overview-marked"
              style={{
                left: percent(marked.start_time),
                width: `${(100 * (marked.end_time - marked.start_time)) / (end - start)}%`,
              }}
            />
          )}
        </div>
        <Marks {...{ at, deploys, start, end, layout }} placeOf={links ? deployPlace : undefined} />
      </div>
    </figure>
  );
}

/** The value at the crosshair. The highest one stands at the axis. */
function Now({ series, at, format }: Pick<ChartProps, 'series' | 'at' | 'format'>) {
  const { times, start, step, lines } = series;
  const values = lines[0]?.values ?? [];
  const index = at === undefined ? -1 : Math.floor((at - start) / step);
  const time = times[index];
  if (time === undefined) return null;
  const value = values[index] ?? null;
  return (
    <>
      {value === null ? 'none' : format(value)} at {formatTick(time, Math.min(step, 59))}
    </>
  );
}
