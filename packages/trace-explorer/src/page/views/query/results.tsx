import { useState } from 'preact/hooks';
import { tracePlace } from '../../../places/place.ts';
import type { Panel, QueryPlace } from '../../../places/query-place.ts';
import { PANELS, writeQueryPlace } from '../../../places/query-place.ts';
import type { Box } from '../../../query/ask/box.ts';
import { narrowed, zoomed } from '../../../query/ask/narrow.ts';
import { comparedOf, withScope } from '../../../query/ask/scope.ts';
import { calculationKey } from '../../../query/parse/operators.ts';
import type { Filter, QuerySpecInput } from '../../../query/parse/query-spec.ts';
import type { QueryData } from '../../../query/result/query-result.ts';
import { Crosshair } from '../../charts/crosshair.ts';
import { Estimated } from '../../components/estimated.tsx';
import { ServiceColors } from '../../components/service-colors.tsx';
import type { TabItem } from '../../components/tabs.tsx';
import { Tabs } from '../../components/tabs.tsx';
import { formatCount } from '../../format.ts';
import { go } from '../../shell/router.ts';
import { BubbleUp } from './bubbleup.tsx';
import { HeatmapPart, SeriesPart } from './chart-parts.tsx';
import type { FieldInfo } from './fields.ts';
import { traceAtPoint } from './find-trace.ts';
import { isCut, ResultTable } from './result-table.tsx';
import { RawRows } from './rows/raw-rows.tsx';
import { TracesInBox } from './traces-in-box.tsx';

export interface ResultsProps {
  readonly place: QueryPlace;
  readonly data: QueryData;
  /** Whether the data is of logarithms, see logQuery: for a moment, what the place says is still being read. */
  readonly log: boolean;
  readonly fields: readonly FieldInfo[];
  readonly onQuery: (query: QuerySpecInput) => void;
}

/** Charts, and below them the groups, or what a box on a heatmap selects. */
export function Results({ place, data, log, fields, onQuery }: ResultsProps) {
  const { dataset, query, box, panel } = place;
  const calculations = query.calculations?.length ? query.calculations : [{ op: 'COUNT' } as const];
  const [said, setSaid] = useState('');
  const [crosshair] = useState(() => new Crosshair());
  const select = (changed: Box | undefined, shown: Panel = 'results') => {
    const { box: _, ...rest } = place;
    go(writeQueryPlace({ ...rest, ...(changed && { box: changed }), panel: shown }), { replace: true });
  };
  const show = (changed: Partial<QueryPlace>) =>
    go(writeQueryPlace({ ...place, ...changed }), { replace: true });
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
  // What only other spans of the traces have is no condition on the query's own spans.
  const where = (filters: readonly Filter[], ofQuery = true) =>
    onQuery(narrowed((!ofQuery && withScope(query, 'spans')) || query, filters));
  const groupBy = (field: string, ofQuery: boolean) => {
    const base = (!ofQuery && withScope(query, 'spans')) || query;
    onQuery({ ...base, breakdowns: [...new Set([...(query.breakdowns ?? []), field])] });
  };

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
    {
      key: 'results',
      label: `Results (${formatCount(data.results.length)}${isCut(query, data) ? '+' : ''})`,
    },
    { key: 'rows', label: 'Raw rows' },
    ...(box === undefined
      ? []
      : [
          { key: 'bubbleup', label: 'BubbleUp' },
          { key: 'traces', label: 'Traces in the box' },
        ]),
  ];
  const shown = box === undefined && panel !== 'rows' ? 'results' : panel;
  return (
    <ServiceColors names={serviceNames(data)}>
      <div class="results">
        {calculations.map((calculation) =>
          calculation.op === 'HEATMAP' ? (
            <HeatmapPart
              key={calculationKey(calculation)}
              calculation={calculation}
              data={data}
              utc={place.utc}
              log={log}
              crosshair={crosshair}
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
              utc={place.utc}
              log={log}
              crosshair={crosshair}
              onPoint={openTrace}
            />
          ),
        )}
        <p class="result-options">
          <label class="choice">
            <input
              type="checkbox"
              checked={place.log}
              onChange={(event) => show({ log: event.currentTarget.checked })}
            />{' '}
            Logarithmic value axis
          </label>
          {place.log && <span class="muted">leaves out what is not above 0</span>}
          {(query.breakdowns ?? []).length > 0 && (
            <label class="choice">
              <input
                type="checkbox"
                checked={place.total}
                onChange={(event) => show({ total: event.currentTarget.checked })}
              />{' '}
              Total of all groups
            </label>
          )}
          <a
            href={`/api/export?${new URLSearchParams({ dataset, query: JSON.stringify(query) })}`}
            download="traces.jsonl"
            title="Whole traces of the newest rows that match, at most 200, each on a line of OTLP JSON"
          >
            Export traces
          </a>
        </p>
        <Estimated of={data.info} />
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
              onLimit={(limit) => onQuery({ ...query, limit })}
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
          {shown === 'rows' && (
            <RawRows
              dataset={dataset}
              query={query}
              fields={fields}
              columns={place.columns}
              turn={data}
              onColumns={(changed) => {
                const { columns: _, ...rest } = place;
                const next = { ...rest, ...(changed !== undefined && { columns: changed }) };
                go(writeQueryPlace(next), { replace: true });
              }}
            />
          )}
          {shown === 'bubbleup' && box !== undefined && (
            <BubbleUp
              dataset={dataset}
              query={query}
              box={box}
              window={window}
              compare={comparedOf(query)}
              onWhere={where}
              onGroupBy={groupBy}
            />
          )}
          {shown === 'traces' && box !== undefined && (
            <TracesInBox dataset={dataset} query={query} box={box} />
          )}
        </Tabs>
      </div>
    </ServiceColors>
  );
}

function serviceNames({ results }: QueryData): string[] {
  return results.flatMap(({ data }) =>
    typeof data['service.name'] === 'string' ? data['service.name'] : [],
  );
}

function readPanel(key: string): Panel {
  return PANELS.find((each) => each === key) ?? 'results';
}
