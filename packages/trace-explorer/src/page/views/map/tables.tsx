import type { MapCall, MapService, ServiceMap, Traffic } from '../../../map/service-map.ts';
import { hrefOf } from '../../../places/place.ts';
import type { Range } from '../../../places/shown-range.ts';
import { secondsOf } from '../../../places/shown-range.ts';
import { failedText } from '../../ask/failed-text.ts';
import { PagedTable } from '../../components/paged-table.tsx';
import { ServiceName } from '../../components/services/service-name.tsx';
import type { TableColumn } from '../../components/table.tsx';
import { about, formatCount, formatDuration, formatRate } from '../../values/format.ts';
import { callPlace, neighboursPlace, servicePlace } from './span-places.ts';

/** All services and all calls, with their figures. What fails most comes first, then what is called most. */
export function MapTables({ map, range }: { map: ServiceMap; range: Range }) {
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
      <h2>Services</h2>
      <PagedTable
        caption="Services"
        rows={map.services.toSorted(byErrors)}
        columns={services}
        keyOf={({ name, type }) => `${type} ${name}`}
      />
      {map.calls.length > 0 && (
        <>
          <h2>Calls</h2>
          <PagedTable
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

function byErrors(a: Traffic, b: Traffic): number {
  return b.errors - a.errors || b.count - a.count;
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
    took('p95', 'P95', ({ p95_ms }) => p95_ms),
    took('total', 'All together', ({ total_ms }) => total_ms),
  ];
}
