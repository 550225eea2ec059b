import { Link } from '../../../page/components/link.tsx';
import '../../../page/common.ts';
import { useState } from 'preact/hooks';
import type { Range, Stretch } from '../../../core/places/range.ts';
import {
  rangeParams,
  rangePlace,
  secondsOf,
  shownSeconds,
  shownStretch,
  timedPath,
  USUAL_SECONDS,
} from '../../../core/places/shown-range.ts';
import { FAILED } from '../../../core/shared/failed-spans.ts';
import { getJson } from '../../../page/api/api.ts';
import { useLive } from '../../../page/api/use-live.ts';
import { useLoad } from '../../../page/api/use-load.ts';
import type { ViewProps } from '../../../page/browser/router.ts';
import { go, setParams } from '../../../page/browser/router.ts';
import { FigureLine } from '../../../page/components/figure-line.tsx';
import { CopyButton } from '../../../page/components/inputs/copy-button.tsx';
import { MoreMenu } from '../../../page/components/overlays/menu.tsx';
import { Busy } from '../../../page/components/states/busy.tsx';
import { EmptyState } from '../../../page/components/states/empty-state.tsx';
import { ErrorState } from '../../../page/components/states/error-state.tsx';
import { Estimated } from '../../../page/components/states/estimated.tsx';
import type { Lazy } from '../../../page/components/states/lazy.tsx';
import { lazy, lazyOf } from '../../../page/components/states/lazy.tsx';
import { Stale } from '../../../page/components/states/stale.tsx';
import { ChooseTime } from '../../../page/components/times/choose-time.tsx';
import { describeSeconds } from '../../../page/components/times/describe-times.ts';
import type { SectionProps } from '../../../page/part.ts';
import { shownParts } from '../../../page/shown-parts.ts';
import { StartPage } from '../../../page/start/start-page.tsx';
import { formatCount } from '../../../page/values/format.ts';
import type { Overview } from '../server/schemas.ts';
import { DependencyTable, RouteTable, UserTable } from './figure-lists.tsx';
import { requestsPlace } from './overview-places.ts';
import { WhatIsWrong } from './what-is-wrong.tsx';

// The page shows figures before the code of the charts is loaded.
const OverviewCharts = lazy(() => import('./charts.tsx'));

/** `/`: figures, causes, routes and dependencies. Without spans, how to send some. */
export default function OverviewView({ place }: ViewProps) {
  const last = shownSeconds(place.params) ?? USUAL_SECONDS;
  const brushed = shownStretch(place.params);
  const range = brushed ?? last;
  const [outdated, setOutdated] = useState(false);
  const [turns, setTurns] = useState(0);
  const path = timedPath('/api/overview', range);
  const load = useLoad(
    async (signal) => {
      setOutdated(false);
      // With the figures, so that nothing below them moves.
      const code = sections().map(([, Section]) => Section.load().catch(() => {}));
      const [overview] = await Promise.all([getJson<Overview>(path, signal), ...code]);
      return { range, overview };
    },
    [path],
  );
  const { error, busy, reload, cancel } = load;
  const value = load.value?.overview;
  // Not during a read: beside "Adding up …" the longer button would not fit a narrow line, and the charts would move.
  const offersNew = outdated && !busy;
  const nothing = value !== undefined && brushed === undefined && value.requests.count === 0;
  const isEmpty = value?.spans === 0;
  useLive((message) => {
    if (nothing) reload();
    if (message.type === 'traces') setOutdated(true);
  });
  return (
    <>
      <div class="line">
        <h1 class="visually-hidden">Overview</h1>
        <ChooseTime range={range} onChoose={(chosen) => setParams(rangeParams('overview', chosen))} />
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
        <RangeMenu range={range} />
        <Estimated of={value} part="Dependencies" />
        {busy && value !== undefined && <Busy what="Adding up" onCancel={cancel} />}
      </div>
      {value !== undefined && !isEmpty && !nothing && (
        <Stale load={load}>
          <Totals overview={value} range={load.value?.range ?? range} />
        </Stale>
      )}
      {value === undefined && busy && (
        <>
          <div class="overview-charts" />
          <Busy what="Adding up" onCancel={cancel} rows />
        </>
      )}
      {!isEmpty && (value !== undefined || error !== undefined) && (
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
            deploys={value?.deploys ?? []}
            turn={`${turns} ${nothing}`}
          />
        </div>
      )}
      {error !== undefined && <ErrorState error={error} onRetry={reload} />}
      {isEmpty && (value.logs > 0 ? <OnlyLogs logs={value.logs} /> : <StartPage />)}
      {!isEmpty && nothing && <NothingNow range={last} />}
      {(isEmpty || nothing ? value.logs > 0 : value !== undefined || error !== undefined) && (
        <WhatIsWrong
          range={range}
          place={place}
          turn={turns}
          notices={value?.notices ?? []}
          isQuiet={isEmpty || nothing}
        />
      )}
      {value !== undefined && !isEmpty && !nothing && (
        <Stale load={load}>
          <Parts overview={value} range={load.value?.range ?? range} params={place.params} />
        </Stale>
      )}
    </>
  );
}

/** What other parts have to say below the figures, by the part's name. */
function sections(): [name: string, Section: Lazy<SectionProps>][] {
  return shownParts().flatMap(({ part, section }) => (section ? [[part.name, lazyOf(section)]] : []));
}

/** Further views about a range. */
function RangeMenu({ range }: { range: Range }) {
  const items = shownParts().flatMap(({ ofRange = [] }) =>
    ofRange.map(({ label, place }) => ({
      key: label,
      label,
      onSelect: () => {
        const to = place(range);
        if (to !== undefined) go(to);
      },
    })),
  );
  return items.length === 0 ? null : <MoreMenu about="More about this traffic" items={items} />;
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
      {sections().map(([name, Section]) => (
        <Section key={name} params={params} turn={overview} />
      ))}
      <div class="columns">
        <section aria-labelledby="overview-routes">
          <h2 id="overview-routes">Routes</h2>
          <RouteTable overview={overview} range={range} />
        </section>
        <section aria-labelledby="overview-dependencies">
          <h2 id="overview-dependencies">Where the time goes</h2>
          <DependencyTable overview={overview} range={range} />
          <UserTable overview={overview} range={range} />
          <Link isAction class="figure-all" to={rangePlace('traces', range, { order: 'slowest' })}>
            The slowest traces
          </Link>
        </section>
      </div>
    </>
  );
}

/** The range of the charts: the last seconds, or for an older marked stretch (as in yesterday's link) the time around it. */
function chartRange(last: number, brushed: Stretch | undefined): Range {
  if (brushed === undefined || brushed.start_time > Date.now() / 1000 - last) return last;
  const around = secondsOf(brushed);
  return { start_time: brushed.start_time - around, end_time: brushed.end_time + around };
}

function Totals({ overview: { requests, before, services }, range }: { overview: Overview; range: Range }) {
  return (
    <FigureLine
      now={requests}
      before={before}
      seconds={secondsOf(range)}
      all={requestsPlace(range)}
      failed={requestsPlace(range, FAILED)}
    >
      <li>
        <Link class="quiet" to={rangePlace('map', range)}>
          <strong>{formatCount(services)}</strong>{' '}
          <span class="muted">{services === 1 ? 'service' : 'services'}</span>
        </Link>
      </li>
    </FigureLine>
  );
}

function NothingNow({ range }: { range: number }) {
  return (
    <EmptyState title={`No requests in the last ${describeSeconds(range)}`}>
      <p>
        So nothing was looked at. They appear here by themselves. Choose a longer time above to look further
        back.
      </p>
    </EmptyState>
  );
}

function OnlyLogs({ logs }: { logs: number }) {
  return (
    <EmptyState title="No spans yet, but log lines">
      <p>
        <Link isAction to={{ view: 'logs', params: {} }}>
          Show the {formatCount(logs)} log lines
        </Link>
      </p>
    </EmptyState>
  );
}
