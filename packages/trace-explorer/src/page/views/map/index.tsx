import { useMemo } from 'preact/hooks';
import type { MapCall, MapService, ServiceMap, Traffic } from '../../../map/service-map.ts';
import { mapPath } from '../../../places/first-read.ts';
import { hrefOf } from '../../../places/place.ts';
import type { Range } from '../../../places/shown-range.ts';
import {
  rangeParams,
  rangePlace,
  secondsOf,
  shownRange,
  USUAL_SECONDS,
} from '../../../places/shown-range.ts';
import { getJson } from '../../ask/api.ts';
import { failedText } from '../../ask/failed-text.ts';
import { useLive } from '../../ask/use-live.ts';
import { useLoad } from '../../ask/use-load.ts';
import type { ViewProps } from '../../browser/router.ts';
import { setParams } from '../../browser/router.ts';
import { CopyButton } from '../../components/inputs/copy-button.tsx';
import { ServiceName } from '../../components/services/service-name.tsx';
import { Busy } from '../../components/states/busy.tsx';
import { ErrorState } from '../../components/states/error-state.tsx';
import { Estimated } from '../../components/states/estimated.tsx';
import { Stale } from '../../components/states/stale.tsx';
import type { TableColumn } from '../../components/table.tsx';
import { Table } from '../../components/table.tsx';
import { ChooseTime } from '../../components/times/choose-time.tsx';
import { describeSeconds } from '../../components/times/describe-times.ts';
import { StartPage } from '../../start/start-page.tsx';
import { about, formatCount, formatDuration, formatRate } from '../../values/format.ts';
import { Drawing } from './drawing.tsx';
import { callPlace, neighboursPlace, servicePlace } from './span-places.ts';
import type { VisiblePart } from './visible-part.ts';
import { visiblePart } from './visible-part.ts';

/** A map with more services starts with one service and its neighbours, because too many lines would cross. */
const MOST_AT_ONCE = 25;

/** Which service calls which, how often, how fast and with how many errors. A click shows the spans. */
export default function MapView({ place }: ViewProps) {
  const range = shownRange(place) ?? USUAL_SECONDS;
  const path = mapPath(range);
  const load = useLoad(async (signal) => ({ range, map: await getJson<ServiceMap>(path, signal) }), [path]);
  const { error, busy, reload, cancel } = load;
  const value = load.value?.map;
  const nothing = value !== undefined && value.services.length === 0;
  useLive(() => nothing && reload());
  const { service, all } = place.params;
  return (
    <>
      <div class="line">
        <h1>Service map</h1>
        <ChooseTime
          range={range}
          onChoose={(seconds) => setParams({ ...rangeParams('map', seconds), time_range: undefined })}
        />
        {value !== undefined && (
          <ServiceField names={value.services.map(({ name }) => name)} value={service} />
        )}
        <button type="button" onClick={reload}>
          Refresh
        </button>
        <CopyButton text={() => location.href} label="Copy link" about="Copy link to this view" />
        <Estimated of={value} part="Calls between services" />
        {busy && <Busy what="Reading the map" onCancel={cancel} />}
      </div>
      {error !== undefined && <ErrorState error={error} onRetry={reload} />}
      {load.value !== undefined && (
        <Stale load={load}>
          <MapParts {...load.value} wanted={service} all={all !== undefined} />
        </Stale>
      )}
    </>
  );
}

/** Picks the service whose neighbours are drawn. */
function ServiceField({ names, value }: { names: readonly string[]; value: string | undefined }) {
  const pick = (name: string) => {
    if (name === '' || names.includes(name)) setParams({ service: name || undefined, all: undefined });
  };
  return (
    <label>
      Service{' '}
      <input
        type="search"
        list="map-services"
        placeholder={`any of ${formatCount(names.length)}`}
        value={value ?? ''}
        onInput={({ currentTarget }) => pick(currentTarget.value.trim())}
      />
      <datalist id="map-services">
        {names.map((name) => (
          <option key={name} value={name} />
        ))}
      </datalist>
    </label>
  );
}

interface MapPartsProps {
  readonly map: ServiceMap;
  readonly range: Range;
  /** The service whose neighbours are drawn. */
  readonly wanted: string | undefined;
  /** Whether to draw the whole map, however large. */
  readonly all: boolean;
}

function MapParts({ map, range, wanted, all }: MapPartsProps) {
  const picked = map.services.some(({ name }) => name === wanted) ? wanted : undefined;
  const selected = wanted === undefined && !all ? busiestOfMany(map) : picked;
  const part = useMemo(() => visiblePart(map, selected), [map, selected]);
  if (map.services.length === 0) {
    return (
      <>
        <p class="map-empty">
          No service sent a span in{' '}
          {typeof range === 'number' ? `the last ${describeSeconds(range)}` : 'this time'}.
        </p>
        <StartPage />
      </>
    );
  }
  const databases = new Set(map.services.filter(({ type }) => type === 'database').map(({ name }) => name));
  const typeOf = (name: string) => (databases.has(name) ? 'database' : 'service');
  const services: TableColumn<MapService>[] = [
    {
      key: 'name',
      title: 'Service',
      cell: (service) => (
        <a class="map-link" href={hrefOf(servicePlace(service, range))}>
          <ServiceName {...service} />
        </a>
      ),
    },
    { key: 'kind', title: 'Kind', cell: ({ type }) => type },
    ...trafficColumns<MapService>(range),
    {
      key: 'near',
      title: 'On the map',
      cell: ({ name }) => (
        <a href={hrefOf(neighboursPlace(name, range))} aria-label={`Neighbours of ${name}`}>
          neighbours
        </a>
      ),
    },
  ];
  const calls: TableColumn<MapCall>[] = [
    {
      key: 'call',
      title: 'Call',
      cell: (call) => (
        <a class="map-link" href={hrefOf(callPlace(call, map, range))}>
          <ServiceName name={call.from} /> → <ServiceName name={call.to} type={typeOf(call.to)} />
        </a>
      ),
    },
    ...trafficColumns<MapCall>(range),
  ];
  return (
    <>
      <Shown map={map} part={part} selected={selected} wanted={wanted} range={range} />
      <Drawing map={map} part={part} selected={selected} range={range} />
      <h2>Services</h2>
      <Table
        caption="Services"
        rows={map.services.toSorted(byErrors)}
        columns={services}
        keyOf={({ name, type }) => `${type} ${name}`}
      />
      {map.calls.length > 0 && (
        <>
          <h2>Calls</h2>
          <Table
            caption="Calls"
            rows={map.calls.toSorted(byErrors)}
            columns={calls}
            keyOf={({ from, to }) => JSON.stringify([from, to])}
          />
        </>
      )}
    </>
  );
}

/** The service with most calls of those with a neighbour, when there are many services. */
function busiestOfMany({ services, calls }: ServiceMap): string | undefined {
  const own = services.filter(({ type }) => type === 'service');
  if (own.length <= MOST_AT_ONCE) return undefined;
  const connected = new Set(calls.flatMap(({ from, to }) => [from, to]));
  const [busiest] = own.filter(({ name }) => connected.has(name)).sort((a, b) => b.count - a.count);
  return busiest?.name;
}

/** What fails most comes first, then what is called most. */
function byErrors(a: Traffic, b: Traffic): number {
  return b.errors - a.errors || b.count - a.count;
}

/** Says which part of the map is drawn. */
function Shown({
  map,
  part,
  selected,
  wanted,
  range,
}: Omit<MapPartsProps, 'all'> & { part: VisiblePart; selected: string | undefined }) {
  const { services, hidden, hiddenCalls } = part;
  if (wanted !== undefined && selected === undefined) {
    return (
      <p class="map-shown" role="status">
        {wanted} was not heard of in this time.
      </p>
    );
  }
  if (selected === undefined && hidden + hiddenCalls === 0) return null;
  return (
    <p class="map-shown" role="status">
      {selected === undefined ? (
        `The ${formatCount(services.length)} of ${formatCount(map.services.length)} services and databases along the busiest calls.`
      ) : (
        <>
          <ServiceName name={selected} />
          {wanted === undefined && ', the service with most calls,'} and the{' '}
          {formatCount(services.length - 1)} that call it or that it calls.
        </>
      )}{' '}
      {hidden > 0 && `${formatCount(hidden)} more are not drawn. `}
      {hiddenCalls > 0 && `${formatCount(hiddenCalls)} lines with fewer calls are not drawn. `}
      {hidden + hiddenCalls > 0 && 'The tables list all. '}
      {selected === undefined ? (
        'Pick a service to see it with its neighbours.'
      ) : (
        <a href={hrefOf(rangePlace('map', range, { all: '' }))}>Show the whole map</a>
      )}
    </p>
  );
}

function trafficColumns<Row extends Traffic>(range: Range): TableColumn<Row>[] {
  const estimate = (key: string, title: string, shown: (row: Row) => string): TableColumn<Row> => {
    return { key, title, numeric: true, cell: (row) => about(shown(row), row.estimated) };
  };
  // A service may call others and answer nobody.
  const took = (key: string, title: string, ms: (row: Row) => number): TableColumn<Row> => {
    const shown = (row: Row) => about(formatDuration(ms(row)), row.estimated);
    return { key, title, numeric: true, cell: (row) => (row.count === 0 ? '–' : shown(row)) };
  };
  return [
    estimate('count', 'Calls', ({ count }) => formatCount(count)),
    estimate('rate', 'Rate', ({ count }) => formatRate(count, secondsOf(range))),
    {
      key: 'errors',
      title: 'Errors',
      numeric: true,
      cell: (of) => (of.errors === 0 ? '0' : <span class="error-text">{failedText(of)}</span>),
    },
    took('p50', 'P50', ({ p50_ms }) => p50_ms),
    took('p99', 'P99', ({ p99_ms }) => p99_ms),
  ];
}
