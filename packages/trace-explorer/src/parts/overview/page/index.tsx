import { Link } from '../../../page/components/link.tsx';
import '../../../page/common.ts';
import { useState } from 'preact/hooks';
import { definedParams } from '../../../core/places/place.ts';
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
import { FAILED } from '../../../core/query/build/failed-spans.ts';
import { getJson } from '../../../page/api/api.ts';
import { useLive } from '../../../page/api/use-live.ts';
import { useLoad } from '../../../page/api/use-load.ts';
import type { ViewProps } from '../../../page/browser/router.ts';
import { go, setParams } from '../../../page/browser/router.ts';
import { CopyButton } from '../../../page/components/inputs/copy-button.tsx';
import { MoreMenu } from '../../../page/components/overlays/menu.tsx';
import { ServiceName } from '../../../page/components/services/service-name.tsx';
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
import { FigureLine } from './figure-line.tsx';
import type { OverviewProps } from './figure-lists.tsx';
import { DependencyTable, RouteTable, UserTable } from './figure-lists.tsx';
import { ofService, requestsPlace } from './overview-places.ts';
import { useRunTime } from './use-run-time.ts';
import { WhatIsWrong } from './what-is-wrong.tsx';

// The page shows figures before the code of the charts is loaded.
const OverviewCharts = lazy(() => import('./charts.tsx'));

/** `/`, and narrowed to one service `/service/NAME`: figures, causes, routes and dependencies. Without spans, how to send some. */
export default function OverviewView({ place }: ViewProps) {
  useRunTime(place);
  const service = place.view === 'service' ? place.id : undefined;
  const last = shownSeconds(place.params) ?? USUAL_SECONDS;
  const brushed = shownStretch(place.params);
  const range = brushed ?? last;
  const path = timedPath('/api/overview', range, { service });
  const [outdated, setOutdated] = useState(false);
  const [turns, setTurns] = useState(0);
  const load = useLoad(
    async (signal) => {
      setOutdated(false);
      // With the figures, so that nothing below them moves.
      const code = sectionsOf(service).map(([, Section]) => Section.load().catch(() => {}));
      const [overview] = await Promise.all([getJson<Overview>(path, signal), ...code]);
      return { range, service, overview };
    },
    [path],
  );
  const { error, busy, reload, cancel } = load;
  const shown = load.value;
  const value = shown?.overview;
  // Not during a read: beside "Adding up …" the longer button would not fit a narrow line, and the charts would move.
  const offersNew = outdated && !busy;
  // A service may answer nobody, and still call others and have causes.
  const nothing =
    service === undefined && brushed === undefined && value !== undefined && value.requests.count === 0;
  const isEmpty = value?.spans === 0;
  useLive((message) => {
    if (nothing) reload();
    if (message.type === 'traces') setOutdated(true);
  });
  return (
    <>
      <div class="line">
        {service === undefined ? (
          <h1 class="visually-hidden">Overview</h1>
        ) : (
          <h1 class="service-title">
            <ServiceName name={service} />
          </h1>
        )}
        <ChooseTime range={range} onChoose={(chosen) => setParams(rangeParams(place.view, chosen))} />
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
        {service === undefined ? (
          <RangeMenu range={range} />
        ) : (
          <ServiceLinks service={service} range={range} />
        )}
        <Estimated of={value} part="Dependencies" />
        {busy && value !== undefined && <Busy what="Adding up" onCancel={cancel} />}
      </div>
      {shown !== undefined && !isEmpty && !nothing && (
        <Stale load={load}>
          <Totals {...shown} />
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
        />
      )}
      {shown !== undefined && !isEmpty && !nothing && (
        <Stale load={load}>
          <Parts {...shown} params={place.params} />
        </Stale>
      )}
    </>
  );
}

/** What other parts have to say below the figures of all services, by the part's name. */
function sectionsOf(service: string | undefined): [name: string, Section: Lazy<SectionProps>][] {
  if (service !== undefined) return [];
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

/** What other views tell of a service. */
function ServiceLinks({ service, range }: { service: string; range: Range }) {
  return SERVICE_LINKS.map(([text, view, params]) => (
    <Link key={text} isAction to={rangePlace(view, range, { service, ...params })}>
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

function Parts({ params, ...props }: OverviewProps & { readonly params: ViewProps['place']['params'] }) {
  const { overview, range, service } = props;
  const slowest = definedParams({ order: 'slowest', service });
  return (
    <>
      {sectionsOf(service).map(([name, Section]) => (
        <Section key={name} params={params} turn={overview} />
      ))}
      <div class="columns">
        <section aria-labelledby="overview-routes">
          <h2 id="overview-routes">Routes</h2>
          <RouteTable {...props} />
        </section>
        <section aria-labelledby="overview-dependencies">
          <h2 id="overview-dependencies">Where the time goes</h2>
          <DependencyTable {...props} />
          <UserTable {...props} />
          <Link isAction class="figure-all" to={rangePlace('traces', range, slowest)}>
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

function Totals({ overview: { requests, before, services }, range, service }: OverviewProps) {
  const own = ofService(service);
  return (
    <FigureLine
      now={requests}
      before={before}
      seconds={secondsOf(range)}
      all={requestsPlace(range, own)}
      failed={requestsPlace(range, [...own, ...FAILED])}
    >
      {service === undefined && (
        <li>
          <Link class="quiet" to={rangePlace('map', range)}>
            <strong>{formatCount(services)}</strong>{' '}
            <span class="muted">{services === 1 ? 'service' : 'services'}</span>
          </Link>
        </li>
      )}
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
