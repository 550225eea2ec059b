import { Link } from '../../../page/components/link.tsx';
import '../../../page/common.ts';
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
    async (signal) => {
      setOutdated(false);
      return { range, service, overview: await getJson<Overview>(path, signal) };
    },
    [path],
  );
  const { error, busy, reload, cancel } = load;
  const shown = load.value;
  const value = shown?.overview;
  // A service may answer nobody, and still call others and have causes.
  const nothing =
    service === undefined && brushed === undefined && value !== undefined && value.requests.count === 0;
  const isEmpty = value?.spans === 0;
  useLive((message) => {
    if (nothing) reload();
    if (message.type === 'traces') setOutdated(true);
  });
  useViewTools({
    refresh: () => {
      setTurns(turns + 1);
      reload();
    },
    outdated,
  });
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
      <Estimated of={value} part="Dependencies" />
      {!isEmpty && !nothing && (
        <div class="overview-cards">
          {/* The cards have their place before they are read: what is below does not move when they come. */}
          {value === undefined && error === undefined && CARDS.map((card) => <div key={card} class="card" />)}
          {shown !== undefined && (
            <Stale load={load}>
              <Totals {...shown} only={only} />
            </Stale>
          )}
          {(value !== undefined || error !== undefined) && (
            <div class="overview-charts">
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
                deploys={value?.deploys ?? []}
                turn={`${turns} ${nothing}`}
              />
            </div>
          )}
        </div>
      )}
      {busy && <Busy what="Adding up" onCancel={cancel} rows={value === undefined} />}
      {error !== undefined && <ErrorState error={error} onRetry={reload} />}
      {isEmpty && (value.logs > 0 ? <OnlyLogs logs={value.logs} /> : <StartPage />)}
      {!isEmpty && nothing && <NothingNow range={last} />}
      {(isEmpty || nothing ? value.logs > 0 : value !== undefined || error !== undefined) && (
        <WhatIsWrong
          range={range}
          place={place}
          at={service}
          turn={turns}
          notices={value?.notices ?? []}
          isQuiet={isEmpty || nothing}
          only={only}
        />
      )}
      {shown !== undefined && !isEmpty && !nothing && (
        <Stale load={load}>
          {value?.counted && <CountedCard of={value.counted} />}
          {shown.service !== undefined && <Neighbours service={shown.service} range={shown.range} />}
          <FigureLists {...shown} only={only} />
        </Stale>
      )}
    </div>
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
