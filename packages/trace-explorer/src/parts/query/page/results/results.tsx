import { useState } from 'preact/hooks';
import { tracePlace } from '../../../../core/places/place.ts';
import { errorMessage } from '../../../../page/api/api.ts';
import { go } from '../../../../page/browser/router.ts';
import { Checkbox } from '../../../../page/components/inputs/checkbox.tsx';
import { Estimated } from '../../../../page/components/states/estimated.tsx';
import { Tabs } from '../../../../page/components/tabs.tsx';
import { formatCount } from '../../../../page/values/format.ts';
import type { Panel } from '../../query-place.ts';
import { BubbleUp } from '../bubbleup/bubbleup.tsx';
import { traceAtPoint } from './find-trace.ts';
import { HeatmapPart } from './heatmap-part.tsx';
import type { Measure, ResultsProps } from './measures.ts';
import { measuresOf } from './measures.ts';
import { RawRows } from './raw-rows.tsx';
import { mayHaveMoreGroups, ResultTable } from './result-table.tsx';
import { SeriesPart } from './series-part.tsx';
import { useDeploys } from './use-deploys.ts';

const SPLIT = { '--split': 'minmax(0, 1.02fr) minmax(0, 1fr)' };

/** Charts, and below them the groups, the raw rows, or BubbleUp of a box. */
export function Results({ shown, data, log }: ResultsProps) {
  const { place, show } = shown;
  const { dataset, query, box, panel } = place;
  const measures = measuresOf(query);
  const [said, setSaid] = useState('');
  const openTrace = async (point: Parameters<typeof traceAtPoint>[2]) => {
    setSaid('Looking for the trace …');
    try {
      const found = await traceAtPoint(dataset, query, point);
      if (found === undefined) setSaid('No span of a trace is there.');
      else go(tracePlace(found.id, found.span));
    } catch (error) {
      setSaid(errorMessage(error));
    }
  };
  const withBubbleUp = box !== undefined && panel === 'bubbleup';
  const groups = `${formatCount(data.results.length)}${mayHaveMoreGroups(query, data) ? '+' : ''}`;
  const tab = panel === 'rows' ? 'rows' : 'results';
  const [at, onAt] = useState<number>();
  const deploys = useDeploys(place, data);
  // All charts mark the moment under the pointer in one of them, and deploys, which are links in the first one.
  const chartOf = (measure: Measure, nth: number) => {
    const Part = measure.calculation?.op === 'HEATMAP' ? HeatmapPart : SeriesPart;
    const marked = nth === 0 ? deploys : { deploys: deploys.deploys };
    const props = { measure, shown, data, log, onPoint: openTrace, at, onAt, deploys: marked };
    return <Part key={measure.key} {...props} />;
  };
  const heatmaps = measures.filter(({ calculation }) => calculation?.op === 'HEATMAP');
  const lines = measures.filter((measure) => !heatmaps.includes(measure));
  const isGrouped = (query.breakdowns ?? []).length > 0;
  // Of groups with several measures, as before and after a deploy, the table says more than their lines do.
  const isTableFirst = isGrouped && measures.length > 1;
  return (
    <div class={withBubbleUp ? 'cards split with-bubbleup' : 'cards'} style={SPLIT}>
      <div class="results-charts">
        <section class="card">
          {(isTableFirst ? heatmaps : measures).map(chartOf)}
          <Tabs
            label="Parts of the result"
            items={[
              { key: 'results', label: `Results (${groups})` },
              { key: 'rows', label: 'Raw rows' },
            ]}
            selected={tab}
            onSelect={(key) => show({ panel: key as Panel })}
          >
            {tab === 'results' ? (
              <ResultTable shown={shown} measures={measures} data={data} />
            ) : (
              <RawRows shown={shown} turn={data} />
            )}
          </Tabs>
          {isTableFirst && lines.map(chartOf)}
          <footer class="card-foot inset line">
            <Checkbox
              label="Logarithmic value axis"
              checked={place.log ?? log}
              onChange={(on) => show({ log: on })}
            />
            {log && <span class="muted">without values of 0 or below</span>}
            {isGrouped && (
              <Checkbox
                label="Total of all groups"
                checked={place.total}
                onChange={(on) => show({ total: on })}
              />
            )}
            <a
              href={`/api/export?${new URLSearchParams({ dataset, query: JSON.stringify(query) })}`}
              download="traces.jsonl"
              title="Whole traces of the newest rows that match, at most 200, each on a line of OTLP JSON"
            >
              Export traces
            </a>
            <Estimated of={data.info} />
            <span class="muted" role="status">
              {said}
            </span>
          </footer>
        </section>
      </div>
      {withBubbleUp && (
        <section class="card" aria-label="BubbleUp">
          <BubbleUp shown={shown} box={box} info={data.info} />
        </section>
      )}
    </div>
  );
}
