import { readParams } from '../../../core/places/read-params.ts';
import { shownRange, timesOf, USUAL_SECONDS } from '../../../core/places/shown-range.ts';
import { send } from '../../../page/api/api.ts';
import { useLoad } from '../../../page/api/use-load.ts';
import type { ViewProps } from '../../../page/browser/router.ts';
import { setParams } from '../../../page/browser/router.ts';
import { Checkbox } from '../../../page/components/inputs/checkbox.tsx';
import { Choose } from '../../../page/components/inputs/choose.tsx';
import { EmptyState } from '../../../page/components/states/empty-state.tsx';
import { Loaded } from '../../../page/components/states/loaded.tsx';
import { formatDuration } from '../../../page/values/format.ts';
import type { SampleBody, SamplingReport } from '../server/schemas.ts';
import { Budget } from './budget.tsx';
import { Tried } from './tried.tsx';

/** Events a month without another budget: as many as Honeycomb takes for nothing. */
const USUAL_EVENTS = 20_000_000;
const USUAL_SLOWER_MS = 1000;
const SLOWER_MS = [100, 250, 500, 1000, 2000, 5000];

const SAMPLING_PARAMS = {
  events: (text: string) => (Number(text) >= 1 ? Number(text) : undefined),
  errors: ['no'],
  slower: (text: string) => (text === 'no' ? 0 : Number(text) || undefined),
} as const;

/** `/sampling`: the rules that a number of events a month allows, with the kept and lost traffic. */
export default function SamplingView({ place }: ViewProps) {
  const range = shownRange(place) ?? USUAL_SECONDS;
  const read = readParams(SAMPLING_PARAMS, place.params);
  const suggest = read.events ?? USUAL_EVENTS;
  const errors = read.errors !== 'no';
  const slower_ms = read.slower ?? USUAL_SLOWER_MS;
  const load = useLoad(
    (signal) => {
      const times = timesOf(range);
      const past = 'time_range' in times ? { start_time: Date.now() / 1000 - times.time_range } : times;
      const body: SampleBody = { rules: [], tracestate: true, suggest, errors, slower_ms, ...past };
      return send<SamplingReport>('POST', '/api/sample', body, signal);
    },
    [JSON.stringify([range, suggest, errors, slower_ms])],
  );
  return (
    <div class="cards split" style={{ '--split': '280px minmax(0, 1fr)' }}>
      <section class="card pad column">
        <h1>What sampling would cost</h1>
        <Budget events={suggest} onChoose={(events) => setParams({ events: String(events) })} />
        <Checkbox
          isSwitch
          label="Keep all errors"
          checked={errors}
          onChange={(keeps) => setParams({ errors: keeps ? undefined : 'no' })}
        />
        <Choose
          label="Keep all slower than"
          value={slower_ms === 0 ? undefined : String(slower_ms)}
          choices={SLOWER_MS.map((ms) => [String(ms), formatDuration(ms)])}
          none="no time"
          onChoose={(ms) => setParams({ slower: ms ?? 'no' })}
        />
      </section>
      <div>
        <Loaded isView load={load} what="Trying rules on the traffic">
          {(report) =>
            report.all.traces === 0 ? (
              <EmptyState title="No traces in this time">
                <p>Rules are tried on traffic. Choose a longer time above.</p>
              </EmptyState>
            ) : (
              <Tried report={report} range={range} />
            )
          }
        </Loaded>
      </div>
    </div>
  );
}
SamplingView.params = () => SAMPLING_PARAMS;
