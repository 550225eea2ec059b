import type { CallTraffic, MapCall, MapService, ServiceMap } from '../../../map/schemas.ts';
import { hrefOf } from '../../../places/place.ts';
import type { Range } from '../../../places/shown-range.ts';
import { secondsOf } from '../../../places/shown-range.ts';
import { failedText } from '../../api/failed-text.ts';
import { ServiceLink } from '../../components/services/service-link.tsx';
import { ServiceName } from '../../components/services/service-name.tsx';
import type { SortedColumn } from '../../components/sorted-table.tsx';
import { SortedTable } from '../../components/sorted-table.tsx';
import { about, formatCount, formatDuration, formatRate } from '../../values/format.ts';
import type { RankedBy } from './ranked.ts';
import { callPlace, servicePlace } from './span-places.ts';
import type { IsHigh } from './use-usual.ts';

/** All services and all calls, with their figures. What fails most comes first, or what takes most time; every head sorts. */
export function MapTables({
  map,
  range,
  measure,
  isHigh,
}: {
  map: ServiceMap;
  range: Range;
  measure: RankedBy;
  isHigh: IsHigh;
}) {
  const databases = new Set(map.services.filter(({ type }) => type === 'database').map(({ name }) => name));
  const typeOf = (name: string) => (databases.has(name) ? 'database' : 'service');
  const services: SortedColumn<MapService>[] = [
    {
      key: 'name',
      title: 'Service',
      value: ({ name }) => name,
      cell: (service) =>
        service.type === 'service' ? (
          <ServiceLink name={service.name} range={range} />
        ) : (
          <ServiceName {...service} />
        ),
    },
    { key: 'kind', title: 'Kind', value: ({ type }) => type, cell: ({ type }) => type },
    ...trafficColumns<MapService>(range, (each) => isHigh(each.name, each)),
    {
      key: 'spans',
      title: 'Spans',
      cell: (service) => (
        <a href={hrefOf(servicePlace(service, range))} aria-label={`Spans of ${service.name}`}>
          spans
        </a>
      ),
    },
  ];
  const calls: SortedColumn<MapCall>[] = [
    {
      key: 'call',
      title: 'Call',
      value: ({ from, to }) => `${from} ${to}`,
      cell: (call) => (
        <a class="map-link" href={hrefOf(callPlace(call, map, range))}>
          <ServiceName name={call.from} /> → <ServiceName name={call.to} type={typeOf(call.to)} />
        </a>
      ),
    },
    ...trafficColumns<MapCall>(range, (each) => isHigh(each.to, each)),
  ];
  return (
    <>
      <h2>Services</h2>
      <SortedTable
        caption="Services"
        rows={map.services}
        columns={services}
        by={measure}
        keyOf={({ name, type }) => `${type} ${name}`}
      />
      {map.calls.length > 0 && (
        <>
          <h2>Calls</h2>
          <SortedTable
            caption="Calls"
            rows={map.calls}
            columns={calls}
            by={measure}
            keyOf={({ from, to }) => JSON.stringify([from, to])}
          />
        </>
      )}
    </>
  );
}

function trafficColumns<Row extends CallTraffic>(
  range: Range,
  isHigh: (row: Row) => boolean,
): SortedColumn<Row>[] {
  const counted = (key: string, title: string, value: (row: Row) => number, shown: (row: Row) => string) => {
    return { key, title, numeric: true, value, cell: (row: Row) => about(shown(row), row.estimated) };
  };
  // A service may call others and answer nobody.
  const took = (key: string, title: string, ms: (row: Row) => number): SortedColumn<Row> => {
    const shown = (row: Row) => about(formatDuration(ms(row)), row.estimated);
    return { key, title, numeric: true, value: ms, cell: (row) => (row.count === 0 ? '–' : shown(row)) };
  };
  return [
    counted(
      'count',
      'Calls',
      ({ count }) => count,
      ({ count }) => formatCount(count),
    ),
    counted(
      'rate',
      'Rate',
      ({ count }) => count,
      ({ count }) => formatRate(count, secondsOf(range)),
    ),
    {
      key: 'errors',
      title: 'Errors',
      numeric: true,
      value: ({ errors }) => errors,
      cell: (of) =>
        of.errors === 0 ? '0' : <span class={isHigh(of) ? 'error-text' : undefined}>{failedText(of)}</span>,
    },
    took('p50', 'P50', ({ p50_ms }) => p50_ms),
    took('p95', 'P95', ({ p95_ms }) => p95_ms),
    took('time', 'Total time', ({ total_ms }) => total_ms),
  ];
}
