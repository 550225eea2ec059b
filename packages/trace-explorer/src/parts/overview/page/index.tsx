import { Link } from '../../../page/components/link.tsx';
import '../../../page/common.ts';
import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import type { Range, Stretch } from '../../../core/places/range.ts';
import {
  rangePlace,
  secondsOf,
  shownSeconds,
  shownStretch,
  timedPath,
  USUAL_SECONDS,
} from '../../../core/places/shown-range.ts';
import { FAILED } from '../../../core/query/build/failed-spans.ts';
import { counted } from '../../../core/shared/words.ts';
import { getJson } from '../../../page/api/api.ts';
import { useLive } from '../../../page/api/use-live.ts';
import { useLoad } from '../../../page/api/use-load.ts';
import type { ViewProps } from '../../../page/browser/router.ts';
import { setParams } from '../../../page/browser/router.ts';
import { useViewTools } from '../../../page/browser/view-tools.ts';
import { ServiceName } from '../../../page/components/services/service-name.tsx';
import { Busy } from '../../../page/components/states/busy.tsx';
import { EmptyState } from '../../../page/components/states/empty-state.tsx';
import { ErrorState } from '../../../page/components/states/error-state.tsx';
import { Estimated } from '../../../page/components/states/estimated.tsx';
import { lazy } from '../../../page/components/states/lazy.tsx';
import { Stale } from '../../../page/components/states/stale.tsx';
import { describeSeconds } from '../../../page/components/times/describe-times.ts';
import { StartPage } from '../../../page/start/start-page.tsx';
import { formatCount } from '../../../page/values/format.ts';
import type { Overview } from '../server/schemas.ts';
import { FigureCards } from './figure-cards.tsx';
import type { OverviewProps } from './figure-lists.tsx';
import type { Only } from './overview-places.ts';
import { ofService, onlyOf, requestsPlace } from './overview-places.ts';
import { useRunTime } from './use-run-time.ts';
import { WhatIsWrong } from './what-is-wrong.tsx';

// The page shows figures before the code of the charts is loaded.
const OverviewCharts = lazy(() => import('./charts.tsx'));
const CountedCard = lazy(() => import('./counted-card.tsx'));
const Neighbours = lazy(() => import('./neighbours.tsx'));
const FigureLists = lazy(() => import('./figure-lists.tsx'));

const CARDS = ['requests', 'failed', 'duration'];

/** What the view shows: nothing is read yet, or cannot be; nothing was ever sent; only log records; no request in this time; figures. */
type Shown =
  | { readonly state: 'reading' | 'unread' | 'start' }
  | { readonly state: 'only-logs' | 'quiet'; readonly logs: number }
  | { readonly state: 'figures'; readonly read: OverviewProps };

/** @param isWhole whether it is about all services, and about a time until now */
function shownOf(read: OverviewProps | undefined, error: Error | undefined, isWhole: boolean): Shown {
  if (read === undefined) return { state: error === undefined ? 'reading' : 'unread' };
  const { spans, logs, requests } = read.overview;
  if (spans === 0) return logs > 0 ? { state: 'only-logs', logs } : { state: 'start' };
  // A service may answer nobody, and still call others and have causes.
  return isWhole && requests.count === 0 ? { state: 'quiet', logs } : { state: 'figures', read };
}

/** `/`, and narrowed to one service `/service/NAME`: figures, causes, routes and dependencies. Without spans, how to send some. */
export default function OverviewView({ place }: ViewProps) {
  useRunTime(place);
  const service = place.view === 'service' ? place.id : undefined;
  const last = shownSeconds(place.params) ?? USUAL_SECONDS;
  const brushed = shownStretch(place.params);
  const range = brushed ?? last;
  const only = onlyOf(place.params);
  const path = timedPath('/api/overview', range, { service });
  const [outdated, setOutdated] = useState(false);
  const [turns, setTurns] = useState(0);
  const load = useLoad(
    async (signal): Promise<OverviewProps> => {
      setOutdated(false);
      return { range, service, overview: await getJson<Overview>(path, signal) };
    },
    [path],
  );
  const { error, busy, reload, cancel, value: read } = load;
  const shown = shownOf(read, error, service === undefined && brushed === undefined);
  const isWaiting = shown.state === 'start' || shown.state === 'only-logs' || shown.state === 'quiet';
  useLive((message) => {
    if (isWaiting) reload();
    if (message.type === 'traces') setOutdated(true);
  });
  useViewTools({
    refresh: () => {
      setTurns(turns + 1);
      reload();
    },
    outdated,
  });
  const charts = (
    <div class="overview-charts cover">
      <OverviewCharts
        range={chartRange(last, brushed)}
        service={service}
        brushed={brushed}
        onBrush={(stretch) =>
          setParams({
            start: stretch && String(stretch.start_time),
            end: stretch && String(stretch.end_time),
          })
        }
        deploys={read?.overview.deploys ?? []}
        turn={turns}
      />
    </div>
  );
  switch (shown.state) {
    case 'reading':
      return page({ cards: [] });
    case 'unread':
      return page({ cards: charts, hasCauses: true });
    case 'start':
      return page({ message: <StartPage /> });
    case 'only-logs':
      return page({ message: <OnlyLogs logs={shown.logs} />, hasCauses: true });
    case 'quiet':
      return page({ message: <NothingNow range={last} />, hasCauses: shown.logs > 0 });
    case 'figures': {
      const cards = (
        <>
          <Stale load={load}>
            <Totals {...shown.read} only={only} />
          </Stale>
          {charts}
        </>
      );
      return page({ cards, hasCauses: true, lists: <Lists {...shown.read} only={only} /> });
    }
  }

  function page({ cards, message, hasCauses = false, lists }: Slots) {
    return (
      <div class="overview-view cards">
        {service === undefined ? (
          <h1 class="visually-hidden">Overview</h1>
        ) : (
          <header class="view-head band line">
            <h1>
              <ServiceName name={service} />
            </h1>
            <ServiceLinks service={service} range={range} />
          </header>
        )}
        <Estimated of={read?.overview} part="Dependencies" />
        {cards && (
          <div class="overview-cards within">
            {/* The cards have their place before they are read: what is below does not move when they come. */}
            {CARDS.map((card) => (
              <div key={card} class="card" />
            ))}
            {cards}
          </div>
        )}
        {busy && <Busy what="Adding up" onCancel={cancel} rows={read === undefined} />}
        {error !== undefined && <ErrorState error={error} onRetry={reload} />}
        {message}
        {hasCauses && (
          <WhatIsWrong
            range={range}
            place={place}
            at={service}
            turn={turns}
            notices={read?.overview.notices ?? []}
            isQuiet={isWaiting}
            only={only}
          />
        )}
        {lists && <Stale load={load}>{lists}</Stale>}
      </div>
    );
  }
}

/** What a state of the view has, from above. */
interface Slots {
  readonly cards?: ComponentChildren;
  readonly message?: ComponentChildren;
  readonly hasCauses?: boolean;
  readonly lists?: ComponentChildren;
}

function Lists(props: OverviewProps & { readonly only: Only | undefined }) {
  return (
    <>
      {props.overview.counted && <CountedCard of={props.overview.counted} />}
      {props.service !== undefined && <Neighbours service={props.service} range={props.range} />}
      <FigureLists {...props} />
    </>
  );
}

/** What other views tell of a service. */
function ServiceLinks({ service, range }: { service: string; range: Range }) {
  return SERVICE_LINKS.map(([text, view, params]) => (
    <Link key={text} isAction class="button" to={rangePlace(view, range, { service, ...params })}>
      {text}
    </Link>
  ));
}

const SERVICE_LINKS = [
  ['Traces', 'traces', {}],
  ['Its errors', 'traces', { errors: 'true' }],
  ['Callers and callees', 'map', {}],
  ['Log lines', 'logs', {}],
  ['Score', 'verify', {}],
] as const;

/** The range of the charts: the last seconds, or for an older marked stretch (as in yesterday's link) the time around it. */
function chartRange(last: number, brushed: Stretch | undefined): Range {
  if (brushed === undefined || brushed.start_time > Date.now() / 1000 - last) return last;
  const around = secondsOf(brushed);
  return { start_time: brushed.start_time - around, end_time: brushed.end_time + around };
}

function Totals({
  overview: { requests, before, services },
  range,
  service,
  only,
}: OverviewProps & { readonly only: Only | undefined }) {
  const own = ofService(service);
  return (
    <FigureCards
      now={requests}
      before={before}
      seconds={secondsOf(range)}
      only={only}
      all={requestsPlace(range, own)}
      failed={requestsPlace(range, [...own, ...FAILED])}
    >
      {service === undefined && (
        <Link class="quiet" to={rangePlace('map', range)}>
          {counted(services, 'service')}
        </Link>
      )}
    </FigureCards>
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
