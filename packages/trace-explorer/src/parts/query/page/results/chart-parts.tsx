import { useMemo } from 'preact/hooks';
import { calculationKey } from '../../../../core/query/parse/operators.ts';
import type { Calculation, Filter, QuerySpecInput } from '../../../../core/query/parse/query-spec.ts';
import type { QueryData, ResultRow } from '../../../../core/query/result/query-result.ts';
import { lineColor, RAMP } from '../../../../page/charts/chart-colors.ts';
import type { ShownDeploys } from '../../../../page/charts/deploys.tsx';
import { Heatmap } from '../../../../page/charts/heatmap/heatmap.tsx';
import { heatmapGrid } from '../../../../page/charts/heatmap/heatmap-grid.ts';
import { SeriesChart } from '../../../../page/charts/series/series-chart.tsx';
import { SeriesLegend } from '../../../../page/charts/series/series-legend.tsx';
import type { SeriesLine } from '../../../../page/charts/series/series-lines.ts';
import { seriesLines } from '../../../../page/charts/series/series-lines.ts';
import { useServiceColor } from '../../../../page/components/services/service-colors.ts';
import { describeSeconds } from '../../../../page/components/times/describe-times.ts';
import { formatCount } from '../../../../page/values/format.ts';
import { filterOf, formatField } from '../values.ts';
import type { traceAtPoint } from './find-trace.ts';
import type { Measure } from './measures.ts';

/** A HEATMAP's section of the results. */
export function HeatmapPart({
  calculation,
  data,
  log,
  ...props
}: {
  calculation: Calculation;
  data: QueryData;
  /** Whether the result counts logarithms, see logQuery. */
  log: boolean;
} & Pick<Parameters<typeof Heatmap>[0], 'box' | 'at' | 'onAt' | 'onBox' | 'onPoint' | 'actions' | 'marked'>) {
  const key = calculationKey(calculation);
  const { column = '' } = calculation;
  const grid = useMemo(() => heatmapGrid(data, key, { log }), [data, key, log]);
  return (
    <section class="chart pad column" aria-label={key}>
      <header class="line">
        <h2>{key}</h2>
        <span class="grow" />
        {grid !== undefined && <HeatmapLegend most={grid.most} />}
      </header>
      {grid === undefined ? (
        <p class="muted">
          No event has a number{log && ' above 0'} in {column}.
        </p>
      ) : (
        <Heatmap column={column} grid={grid} format={(value) => formatField(column, value)} {...props} />
      )}
    </section>
  );
}

/** Counts are 0 without events. Other values are missing then. */
const counted = new Set(['COUNT', 'COUNT_DISTINCT', 'CONCURRENCY']);

/** The section of a formula, or of a calculation other than HEATMAP: its lines over time. */
export function SeriesPart({
  measure,
  query,
  data,
  log,
  at,
  onAt,
  onPoint,
  marked,
}: {
  measure: Measure;
  query: QuerySpecInput;
  data: QueryData;
  log: boolean;
  at: number | undefined;
  onAt: (at: number | undefined) => void;
  onPoint: (point: Parameters<typeof traceAtPoint>[2]) => void;
  marked: ShownDeploys | undefined;
}) {
  const { key, calculation, format } = measure;
  const isCounted = calculation !== undefined && counted.has(calculation.op);
  const { breakdowns = [] } = query;
  const series = useMemo(
    () => seriesLines(data, key, breakdowns, { counted: isCounted, log }),
    [data, key, query, isCounted, log],
  );
  const serviceColor = useServiceColor();
  const colorOf = ({ index, service }: SeriesLine) =>
    service === undefined ? lineColor(index) : serviceColor(service);
  // When a point is a number of events and not a value of their fields, a click opens the slowest trace.
  const isValue = calculation?.column !== undefined && !isCounted && !/^(?:SUM|RATE)/u.test(calculation.op);
  return (
    <section class="chart pad column" aria-label={key}>
      <h2>
        {key}
        {isCounted && <span class="faint"> in {describeSeconds(series.step)}</span>}
        {measure.expression !== undefined && <span class="muted"> = {measure.expression}</span>}
      </h2>
      <SeriesChart
        title={key}
        series={series}
        at={at}
        onAt={onAt}
        format={format}
        colorOf={colorOf}
        marked={marked}
        onPoint={({ start, end, value, line }) =>
          onPoint({
            column: isValue ? (calculation?.column ?? '') : 'duration_ms',
            start: start - (line.earlier ?? 0),
            end: end - (line.earlier ?? 0),
            group: groupFilters(breakdowns, line.row),
            ...(isValue && { atMost: value }),
          })
        }
      />
      <SeriesLegend series={series} groups={data.results.length} at={at} format={format} colorOf={colorOf} />
    </section>
  );
}

function groupFilters(breakdowns: readonly string[], row: ResultRow['data']): Filter[] {
  return breakdowns.map((column) => filterOf(column, row[column]));
}

/** The meaning of a heatmap's colours: events per cell. */
function HeatmapLegend({ most }: { most: number }) {
  return (
    <p class="heatmap-legend label strip" title="Drag to select, press to open a trace">
      1
      <span
        class="legend-ramp"
        aria-hidden="true"
        style={{ width: '120px', height: '8px', background: RAMP }}
      />
      {formatCount(most)} events in a cell
    </p>
  );
}
