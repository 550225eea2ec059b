import type { MapCall, MapService, ServiceMap, Traffic } from '../../../map/service-map.ts';
import { getJson } from '../../api.ts';
import { Busy } from '../../components/busy.tsx';
import { ErrorState } from '../../components/error-state.tsx';
import { ServiceName } from '../../components/service-name.tsx';
import type { TableColumn } from '../../components/table.tsx';
import { Table } from '../../components/table.tsx';
import { formatCount, formatDuration, formatShare } from '../../format.ts';
import { hrefOf } from '../../shell/place.ts';
import { setParams } from '../../shell/router.ts';
import type { ViewProps } from '../../shell/views.ts';
import { useLoad } from '../../use-load.ts';
import { describeSeconds } from '../query/describe.ts';
import { NoSpans } from '../query/no-match.tsx';
import { Drawing } from './drawing.tsx';
import { callPlace, servicePlace } from './span-places.ts';
import { rateText } from './traffic-text.ts';

const RANGES = [600, 3600, 7200, 86_400, 604_800];
const DEFAULT_RANGE = 3600;

/** Who calls whom, how often, how fast and with how many errors. A click asks for just those spans. */
export default function MapView({ place }: ViewProps) {
  const range = Number(place.params.time_range) || DEFAULT_RANGE;
  const { value, error, busy, reload, cancel } = useLoad(
    (signal) => getJson<ServiceMap>(`/api/map?time_range=${encodeURIComponent(range)}`, signal),
    [range],
  );
  return (
    <>
      <div class="map-head">
        <h1>Service map</h1>
        <label class="clause-field">
          TIME
          <select
            value={String(range)}
            onChange={(event) => setParams({ time_range: event.currentTarget.value })}
          >
            {[...new Set([...RANGES, range])]
              .sort((a, b) => a - b)
              .map((seconds) => (
                <option key={seconds} value={String(seconds)}>
                  last {describeSeconds(seconds)}
                </option>
              ))}
          </select>
        </label>
        <button type="button" onClick={reload}>
          Read again
        </button>
        {busy && <Busy what="Reading the map" onCancel={cancel} />}
      </div>
      {error !== undefined && <ErrorState error={error} onRetry={reload} />}
      {error === undefined && value !== undefined && <MapParts map={value} range={range} />}
    </>
  );
}

function MapParts({ map, range }: { map: ServiceMap; range: number }) {
  if (map.services.length === 0) {
    return (
      <>
        <p class="map-empty">No service was heard of in the last {describeSeconds(range)}.</p>
        <NoSpans />
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
    ...trafficColumns<MapService>(),
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
    ...trafficColumns<MapCall>(),
  ];
  return (
    <>
      <Drawing map={map} range={range} />
      <h2>Services</h2>
      <Table
        caption="Services"
        rows={map.services}
        columns={services}
        keyOf={({ name, type }) => `${type} ${name}`}
      />
      {map.calls.length > 0 && (
        <>
          <h2>Calls</h2>
          <Table
            caption="Calls"
            rows={map.calls}
            columns={calls}
            keyOf={({ from, to }) => JSON.stringify([from, to])}
          />
        </>
      )}
    </>
  );
}

function trafficColumns<Row extends Traffic>(): TableColumn<Row>[] {
  return [
    { key: 'count', title: 'Calls', numeric: true, cell: ({ count }) => formatCount(count) },
    { key: 'rate', title: 'Rate', numeric: true, cell: ({ rate_per_second }) => rateText(rate_per_second) },
    {
      key: 'errors',
      title: 'Errors',
      numeric: true,
      cell: ({ errors, error_share }) =>
        errors === 0 ? (
          '0'
        ) : (
          <span class="error-text">
            ✗ {formatCount(errors)} ({formatShare(error_share)})
          </span>
        ),
    },
    { key: 'p50', title: 'P50', numeric: true, cell: ({ p50_ms }) => formatDuration(p50_ms) },
    { key: 'p99', title: 'P99', numeric: true, cell: ({ p99_ms }) => formatDuration(p99_ms) },
  ];
}
