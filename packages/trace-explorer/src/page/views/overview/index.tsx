import { useState } from 'preact/hooks';
import type { Overview } from '../../../overview/overview.ts';
import { overviewPath } from '../../../places/first-read.ts';
import { hrefOf } from '../../../places/place.ts';
import type { Range, Stretch } from '../../../places/shown-range.ts';
import {
  rangeParams,
  rangePlace,
  secondsOf,
  shownSeconds,
  shownStretch,
  USUAL_SECONDS,
} from '../../../places/shown-range.ts';
import { FAILED } from '../../../shared/failed-spans.ts';
import { getJson } from '../../ask/api.ts';
import { failedText } from '../../ask/failed-text.ts';
import { useLive } from '../../ask/use-live.ts';
import { useLoad } from '../../ask/use-load.ts';
import type { ViewProps } from '../../browser/router.ts';
import { setParams } from '../../browser/router.ts';
import { CopyButton } from '../../components/inputs/copy-button.tsx';
import { AllReports, Instrumentation } from '../../components/services/instrumentation.tsx';
import { Busy } from '../../components/states/busy.tsx';
import { EmptyState } from '../../components/states/empty-state.tsx';
import { ErrorState } from '../../components/states/error-state.tsx';
import { Estimated } from '../../components/states/estimated.tsx';
import { lazy } from '../../components/states/lazy.tsx';
import { Stale } from '../../components/states/stale.tsx';
import { ChooseTime } from '../../components/times/choose-time.tsx';
import { describeSeconds } from '../../components/times/describe-times.ts';
import { StartPage } from '../../start/start-page.tsx';
import { about, formatCount, formatDuration, formatRate } from '../../values/format.ts';
import { FailingLists, SlowLists, TraceLists } from './figure-lists.tsx';
import { FindingsList } from './findings-list.tsx';
import { requestsPlace } from './overview-places.ts';
import { RunList } from './run-list.tsx';

// The page shows figures before the code of the charts is loaded.
const OverviewCharts = lazy(() => import('./charts.tsx'));

/** `/`: slow, failing and new work. Without spans, how to send some. */
export default function OverviewView({ place }: ViewProps) {
  const last = shownSeconds(place.params) ?? USUAL_SECONDS;
  const brushed = shownStretch(place.params);
  const range = brushed ?? last;
  const [outdated, setOutdated] = useState(false);
  const [turns, setTurns] = useState(0);
  const load = useLoad(
    async (signal) => {
      setOutdated(false);
      return { range, overview: await getJson<Overview>(overviewPath(range), signal) };
    },
    [overviewPath(range)],
  );
  const { error, busy, reload, cancel } = load;
  const value = load.value?.overview;
  // Not during a read: beside "Adding up …" the longer button would not fit a narrow line, and the charts would move.
  const offersNew = outdated && !busy;
  const nothing = value !== undefined && brushed === undefined && value.requests.count === 0;
  useLive((message) => {
    if (nothing) reload();
    if (message.type === 'traces') setOutdated(true);
  });
  return (
    <>
      <div class="line">
        <h1 class="visually-hidden">Overview</h1>
        <ChooseTime range={range} onChoose={(seconds) => setParams(rangeParams('overview', seconds))} />
        <button
          type="button"
          class={offersNew ? 'primary' : undefined}
          onClick={() => {
            setTurns(turns + 1);
            reload();
          }}
        >
          {offersNew ? 'Show new spans' : 'Refresh'}
        </button>
        <CopyButton text={() => location.href} label="Copy link" about="Copy link to this view" />
        <Estimated of={value} part="Dependencies" />
        {busy && value !== undefined && <Busy what="Adding up" onCancel={cancel} />}
      </div>
      {value === undefined && busy && (
        <>
          <div class="overview-charts" />
          <Busy what="Adding up" onCancel={cancel} rows />
        </>
      )}
      {value !== undefined && value.spans > 0 && (
        <div class="overview-charts">
          <OverviewCharts
            range={chartRange(last, brushed)}
            brushed={brushed}
            onBrush={(stretch) =>
              setParams({
                start: stretch && String(stretch.start_time),
                end: stretch && String(stretch.end_time),
              })
            }
            deploys={value.deploys}
            turn={`${turns} ${nothing}`}
          />
        </div>
      )}
      {error !== undefined && <ErrorState error={error} onRetry={reload} />}
      {value?.spans === 0 && <StartPage />}
      {value !== undefined &&
        value.spans > 0 &&
        (nothing ? (
          <NothingNow range={last} />
        ) : (
          <Stale load={load}>
            <Parts overview={value} range={load.value?.range ?? range} params={place.params} />
          </Stale>
        ))}
    </>
  );
}

interface PartsProps {
  readonly overview: Overview;
  /** The range of the overview. All parts and their links are about it, also while the next range is being read. */
  readonly range: Range;
  readonly params: ViewProps['place']['params'];
}

function Parts({ overview, range, params }: PartsProps) {
  return (
    <>
      <Totals overview={overview} range={range} />
      <RunList overview={overview} params={params} />
      <div class="overview-columns">
        <section aria-labelledby="overview-slow">
          <h2 id="overview-slow">What is slow</h2>
          <SlowLists overview={overview} range={range} />
        </section>
        <section aria-labelledby="overview-failing">
          <h2 id="overview-failing">What fails</h2>
          <FailingLists overview={overview} range={range} />
          <FindingsList overview={overview} range={range} />
          <Instrumentation>
            <AllReports range={range} />
          </Instrumentation>
        </section>
        <section aria-labelledby="overview-new">
          <h2 id="overview-new">What is new</h2>
          <TraceLists overview={overview} />
        </section>
      </div>
      {overview.notices.map((notice) => (
        <p key={notice} class="health-notice">
          <span aria-hidden="true">⚠</span> {notice}
        </p>
      ))}
    </>
  );
}

/** The range of the charts: the last seconds, or for an older marked stretch (as in yesterday's link) the time around it. */
function chartRange(last: number, brushed: Stretch | undefined): Range {
  if (brushed === undefined || brushed.start_time > Date.now() / 1000 - last) return last;
  const around = secondsOf(brushed);
  return { start_time: brushed.start_time - around, end_time: brushed.end_time + around };
}

function Totals({ overview: { requests, services }, range }: { overview: Overview; range: Range }) {
  const all = hrefOf(requestsPlace(range));
  const estimate = (text: string) => about(text, requests.estimated);
  const took = (ms: number) => (requests.count === 0 ? '–' : estimate(formatDuration(ms)));
  const facts = [
    { name: 'requests', shown: estimate(formatCount(requests.count)), href: all },
    { name: 'rate', shown: estimate(formatRate(requests.count, secondsOf(range))), href: all },
    {
      name: 'failed',
      shown: requests.errors === 0 ? 'none' : failedText(requests),
      href: hrefOf(requestsPlace(range, FAILED)),
      bad: requests.errors > 0,
    },
    { name: 'P50', shown: took(requests.p50_ms), href: all },
    { name: 'P95', shown: took(requests.p95_ms), href: all },
    {
      name: services === 1 ? 'service' : 'services',
      shown: formatCount(services),
      href: hrefOf(rangePlace('map', range)),
    },
  ];
  return (
    <ul
      class="overview-totals line"
      title="Requests are what services were asked for, and what begins a trace"
    >
      {facts.map(({ name, shown, href, bad }) => (
        <li key={name}>
          <a href={href}>
            <strong class={bad ? 'error-text' : undefined}>{shown}</strong> <span class="muted">{name}</span>
          </a>
        </li>
      ))}
    </ul>
  );
}

function NothingNow({ range }: { range: number }) {
  return (
    <EmptyState title={`No requests in the last ${describeSeconds(range)}`}>
      <p>They appear here by themselves. Choose a longer time above to look further back.</p>
    </EmptyState>
  );
}
