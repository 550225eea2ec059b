import { useState } from 'preact/hooks';
import type { Place } from '../../../core/places/place.ts';
import { hrefOf } from '../../../core/places/place.ts';
import type { Moments, Range } from '../../../core/places/range.ts';
import { readParams } from '../../../core/places/read-params.ts';
import {
  rangeParams,
  rangePlace,
  secondsOf,
  shownMoments,
  shownSeconds,
  timedPath,
  USUAL_SECONDS,
} from '../../../core/places/shown-range.ts';
import { momentsOf } from '../../../core/runs/run-words.ts';
import type { Run } from '../../../core/runs/schemas.ts';
import type { TraceSummary } from '../../../core/traces/list/summaries.ts';
import { getJson } from '../../../page/api/api.ts';
import { readTraces } from '../../../page/api/trace-list.ts';
import { useLive } from '../../../page/api/use-live.ts';
import { useLoad } from '../../../page/api/use-load.ts';
import type { ViewProps } from '../../../page/browser/router.ts';
import { setParams } from '../../../page/browser/router.ts';
import { useTitle } from '../../../page/browser/use-title.ts';
import { useViewTools } from '../../../page/browser/view-tools.ts';
import { Link } from '../../../page/components/link.tsx';
import { ServiceName } from '../../../page/components/services/service-name.tsx';
import { Busy } from '../../../page/components/states/busy.tsx';
import { EmptyState } from '../../../page/components/states/empty-state.tsx';
import { ErrorState } from '../../../page/components/states/error-state.tsx';
import { lazy } from '../../../page/components/states/lazy.tsx';
import { Stale } from '../../../page/components/states/stale.tsx';
import { describeSeconds } from '../../../page/components/times/describe-times.ts';
import { StartPage } from '../../../page/start/before-spans.ts';
import { counted } from '../../../page/values/format.ts';
import type { Overview } from '../server/schemas.ts';
import { FigureCards } from './figure-cards.tsx';
import type { OverviewProps } from './figure-lists.tsx';
import { NewestTrace } from './newest-trace.tsx';
import { fittedSeconds, OVERVIEW_PARAMS } from './overview-places.ts';
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
  useTitle(service && `Service ${service}`);
  const chosen = shownSeconds(place.params);
  const last = chosen ?? USUAL_SECONDS;
  const brushed = shownMoments(place.params);
  const range = brushed ?? last;
  const { only } = readParams(OVERVIEW_PARAMS, place.params);
  const path = timedPath('/api/overview', range, { service });
  const [outdated, setOutdated] = useState(false);
  const [turns, setTurns] = useState(0);
  const load = useLoad(
    async (signal): Promise<OverviewProps & Fitted> => {
      setOutdated(false);
      const overview = await getJson<Overview>(path, signal);
      const seconds = fittedSeconds(overview);
      const fitted = seconds === USUAL_SECONDS ? undefined : seconds;
      const newest = fitted && service === undefined ? await readNewest(signal) : undefined;
      return { range, service, overview, fitted, newest };
    },
    [path],
  );
  const { error, busy, reload, cancel, value: read } = load;
  const { spans = 0, logs = 0, requests } = read?.overview ?? {};
  const fitted = chosen === undefined ? read?.fitted : undefined;
  // A service may answer nobody, and still call others and have causes.
  const isQuiet = requests?.count === 0 && service === undefined && brushed === undefined;
  const isWaiting = read !== undefined && (spans === 0 || isQuiet);
  useLive((message) => {
    if (isWaiting) reload();
    if (message.type === 'traces') setOutdated(true);
  });
  const refresh = () => {
    setTurns(turns + 1);
    reload();
  };
  useViewTools({ refresh, outdated });
  return (
    <div class="overview-view cards">
      {service === undefined ? (
        <h1 class="visually-hidden">Overview</h1>
      ) : (
        <header class="view-head band line">
          <h1>
            <ServiceName name={service} />
          </h1>
          {SERVICE_LINKS.map(([text, view, params]) => (
            <Link key={text} isAction class="button" to={rangePlace(view, range, { service, ...params })}>
              {text}
            </Link>
          ))}
        </header>
      )}
      {error !== undefined && <ErrorState error={error} onRetry={refresh} isAll={read === undefined} />}
      {isWaiting && spans === 0 && logs === 0 && <StartPage />}
      {isWaiting && spans === 0 && logs > 0 && (
        <EmptyState title="No spans yet, but log lines">
          <p>
            <Link isAction to={{ view: 'logs', params: {} }}>
              Show the {counted(logs, 'log line')}
            </Link>
          </p>
        </EmptyState>
      )}
      {isWaiting && spans > 0 && (
        <EmptyState title={`No requests in the last ${describeSeconds(last)}`}>
          <p>
            So nothing was looked at. They appear here by themselves. Choose a longer time above to look
            further back.
          </p>
        </EmptyState>
      )}
      {/* Asked for together with the figures: what is wrong is what a person comes for. */}
      {(!isWaiting || logs > 0) && (
        <WhatIsWrong
          range={range}
          place={place}
          turn={turns}
          said={error?.message}
          notices={read?.overview.notices ?? []}
          isReading={busy}
          isQuiet={isWaiting}
          requests={requests?.count}
          services={service === undefined ? read?.overview.services : undefined}
        />
      )}
      {!isWaiting && (
        <div class="overview-cards within">
          {/* The cards have their place before they are read: what is below does not move when they come. */}
          {CARDS.map((card) => (
            <div key={card} class="card" />
          ))}
          {read && (
            <Stale load={load}>
              <FigureCards
                {...read}
                seconds={(brushed === undefined && fitted) || secondsOf(read.range)}
                only={only}
              />
            </Stale>
          )}
          {(read ?? error) && (
            <div class="overview-charts cover passive">
              <OverviewCharts
                range={chartRange(fitted ?? last, brushed)}
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
                said={error?.message}
              />
            </div>
          )}
        </div>
      )}
      {!isWaiting && fitted !== undefined && read?.newest && <NewestTrace of={read.newest} />}
      {busy && <Busy what="Adding up" onCancel={cancel} rows={read === undefined} />}
      {read && !isWaiting && (
        <Stale load={load}>
          {read.overview.counted && <CountedCard of={read.overview.counted} />}
          {/* The part with the map may have been left out. */}
          {read.service !== undefined && hrefOf({ view: 'map', params: {} }) !== undefined && (
            <Neighbours service={read.service} range={read.range} />
          )}
          <FigureLists {...read} only={only} />
        </Stale>
      )}
    </div>
  );
}
OverviewView.params = () => OVERVIEW_PARAMS;

/** What a store that is younger than the usual time shows besides. */
interface Fitted {
  /** Seconds that hold all that is stored; undefined for an older store. */
  readonly fitted: number | undefined;
  readonly newest: TraceSummary | undefined;
}

/** The newest trace; undefined without one, and where the part with the list was left out. */
async function readNewest(signal: AbortSignal): Promise<TraceSummary | undefined> {
  if (hrefOf({ view: 'traces', params: {} }) === undefined) return undefined;
  const { traces } = await readTraces(new URLSearchParams({ limit: '1' }), signal);
  return traces[0];
}

const SERVICE_LINKS = [
  ['Traces', 'traces', {}],
  ['Its errors', 'traces', { errors: 'true' }],
  ['Callers and callees', 'map', {}],
  ['Log lines', 'logs', {}],
  ['Score', 'verify', {}],
] as const;

/** The range of the charts: the last seconds, or for an older marked stretch (as in yesterday's link) the time around it. */
function chartRange(last: number, brushed: Moments | undefined): Range {
  if (brushed === undefined || brushed.start_time > Date.now() / 1000 - last) return last;
  const around = secondsOf(brushed);
  return { start_time: brushed.start_time - around, end_time: brushed.end_time + around };
}

/** Shows the time of the run that `?run=ID` names alone: the last lines of `run` lead there. */
function useRunTime({ view, params }: Place): void {
  const { run, ...others } = params;
  const isAlone = run !== undefined && Object.keys(others).length === 0;
  useLoad(
    async (signal) => {
      if (!isAlone) return;
      const { runs } = await getJson<{ runs: Run[] }>('/api/runs', signal);
      const found = runs.find(({ id }) => id === run);
      if (found !== undefined) setParams(rangeParams(view, momentsOf(found)), { replace: true });
    },
    [isAlone, run],
  );
}
