import { useMemo, useState } from 'preact/hooks';
import type { QueryData, ResultRow } from '../../../query/query-result.ts';
import { type Calculation, calculationKey, type Filter } from '../../../query/query-spec.ts';
import { type TabItem, Tabs } from '../../client/components/tabs.tsx';
import { formatCount } from '../../client/format.ts';
import { tracePlace } from '../../client/place.ts';
import type { QuerySpecInput } from '../../client/query-input.ts';
import { go } from '../../client/router.ts';
import { BubbleUp } from './bubbleup.tsx';
import { Heatmap } from './charts/heatmap.tsx';
import { heatmapGrid } from './charts/heatmap-grid.ts';
import { seriesLines } from './charts/series.ts';
import { SeriesChart } from './charts/series-chart.tsx';
import { traceAtPoint } from './find-trace.ts';
import { narrowed, zoomed } from './narrow.ts';
import { type Box, type Panel, type QueryPlace, writeQueryPlace } from './query-place.ts';
import { ResultTable } from './result-table.tsx';
import { TracesInBox } from './traces-in-box.tsx';
import { formatResult } from './values.ts';

export interface ResultsProps {
  readonly place: QueryPlace;
  readonly data: QueryData;
  readonly onQuery: (query: QuerySpecInput) => void;
}

/** Charts, and below them the groups, or what a box on a heatmap selects. */
export function Results({ place, data, onQuery }: ResultsProps) {
  const { dataset, query, box, panel } = place;
  const calculations = query.calculations?.length ? query.calculations : [{ op: 'COUNT' } as const];
  const [said, setSaid] = useState('');
  const select = (changed: Box | undefined, shown: Panel = 'results') => {
    const { box: _, ...rest } = place;
    go(writeQueryPlace({ ...rest, ...(changed && { box: changed }), panel: shown }), { replace: true });
  };
  const openTrace = async (point: Parameters<typeof traceAtPoint>[2]) => {
    setSaid('Looking for the trace …');
    try {
      const found = await traceAtPoint(dataset, query, point);
      if (found === undefined) setSaid('No span of a trace is there.');
      else go(tracePlace(found.id, found.span));
    } catch (error) {
      setSaid(error instanceof Error ? error.message : String(error));
    }
  };
  const where = (filters: readonly Filter[]) => onQuery(narrowed(query, filters));
  const groupBy = (field: string) =>
    onQuery({ ...query, breakdowns: [...new Set([...(query.breakdowns ?? []), field])] });

  const actions = box !== undefined && (
    <>
      <button type="button" class="primary" onClick={() => select(box, 'bubbleup')}>
        BubbleUp
      </button>
      <button type="button" onClick={() => select(box, 'traces')}>
        Traces in it
      </button>
      <button type="button" onClick={() => onQuery(zoomed(query, box))}>
        Zoom in
      </button>
      <button type="button" aria-label="Remove the box" onClick={() => select(undefined)}>
        ×
      </button>
    </>
  );
  const window = { start: data.info.start_time, end: data.info.end_time };
  const tabs: TabItem[] = [
    { key: 'results', label: `Results (${formatCount(data.results.length)})` },
    ...(box === undefined
      ? []
      : [
          { key: 'bubbleup', label: 'BubbleUp' },
          { key: 'traces', label: 'Traces in the box' },
        ]),
  ];
  const shown = box === undefined ? 'results' : panel;
  return (
    <div class="results">
      {calculations.map((calculation) =>
        calculation.op === 'HEATMAP' ? (
          <HeatmapPart
            key={calculationKey(calculation)}
            calculation={calculation}
            data={data}
            box={box?.column === calculation.column ? box : undefined}
            onBox={(changed) => select(changed)}
            onPoint={(point) => openTrace({ column: calculation.column ?? '', ...point })}
            actions={actions}
          />
        ) : (
          <SeriesPart
            key={calculationKey(calculation)}
            calculation={calculation}
            query={query}
            data={data}
            onPoint={openTrace}
          />
        ),
      )}
      <p class="results-said" role="status">
        {said}
      </p>
      <Tabs
        label="Below the charts"
        items={tabs}
        selected={shown}
        onSelect={(key) => select(box, readPanel(key))}
      >
        {shown === 'results' && (
          <ResultTable
            query={query}
            calculations={calculations}
            data={data}
            onWhere={where}
            onOrderBy={(column, order) => onQuery({ ...query, orders: [{ column, order }] })}
            onOrder={({ op, column, name }, order) =>
              onQuery({
                ...query,
                orders: [
                  name !== undefined
                    ? { column: name, order }
                    : { op, ...(column !== undefined && { column }), order },
                ],
              })
            }
          />
        )}
        {shown === 'bubbleup' && box !== undefined && (
          <BubbleUp
            dataset={dataset}
            query={query}
            box={box}
            window={window}
            onWhere={where}
            onGroupBy={groupBy}
          />
        )}
        {shown === 'traces' && box !== undefined && <TracesInBox dataset={dataset} query={query} box={box} />}
      </Tabs>
    </div>
  );
}

function readPanel(key: string): Panel {
  return key === 'bubbleup' || key === 'traces' ? key : 'results';
}

function HeatmapPart({
  calculation,
  data,
  ...props
}: {
  calculation: Calculation;
  data: QueryData;
} & Pick<Parameters<typeof Heatmap>[0], 'box' | 'onBox' | 'onPoint' | 'actions'>) {
  const key = calculationKey(calculation);
  const grid = useMemo(() => heatmapGrid(data, key), [data, key]);
  return (
    <section class="chart" aria-label={key}>
      <h2 class="mono">{key}</h2>
      {grid === undefined ? (
        <p class="muted">No event has a number in {calculation.column}.</p>
      ) : (
        <Heatmap column={calculation.column ?? ''} grid={grid} {...props} />
      )}
    </section>
  );
}

/** Counts are 0 where there are no events; other values are missing there. */
const counted = new Set(['COUNT', 'COUNT_DISTINCT', 'CONCURRENCY']);

function SeriesPart({
  calculation,
  query,
  data,
  onPoint,
}: {
  calculation: Calculation;
  query: QuerySpecInput;
  data: QueryData;
  onPoint: (point: Parameters<typeof traceAtPoint>[2]) => void;
}) {
  const key = calculationKey(calculation);
  const { breakdowns = [] } = query;
  const series = useMemo(
    () => seriesLines(data, key, breakdowns, counted.has(calculation.op)),
    [data, key, breakdowns, calculation.op],
  );
  // The slowest trace is meant where a point is a number of events and not a value of one of their fields.
  const isValue =
    calculation.column !== undefined &&
    !counted.has(calculation.op) &&
    !/^(?:SUM|RATE)/u.test(calculation.op);
  return (
    <section class="chart" aria-label={key}>
      <h2 class="mono">{key}</h2>
      <SeriesChart
        title={key}
        series={series}
        format={(value) => formatResult(calculation, value)}
        onPoint={({ start, end, value, line }) =>
          onPoint({
            column: isValue ? (calculation.column ?? '') : 'duration_ms',
            start,
            end,
            group: groupFilters(breakdowns, line.row),
            ...(isValue && { atMost: value }),
          })
        }
      />
    </section>
  );
}

function groupFilters(breakdowns: readonly string[], row: ResultRow['data']): Filter[] {
  return breakdowns.map((column): Filter => {
    const value = row[column];
    return value === null || value === undefined || typeof value === 'object'
      ? { column, op: 'does-not-exist' }
      : { column, op: '=', value };
  });
}
