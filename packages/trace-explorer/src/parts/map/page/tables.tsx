import type { Place } from '../../../core/places/place.ts';
import type { Range } from '../../../core/places/range.ts';
import { secondsOf } from '../../../core/places/shown-range.ts';
import { Card } from '../../../page/components/cards/card.tsx';
import { figureColumns } from '../../../page/components/figure-columns.tsx';
import { Link } from '../../../page/components/link.tsx';
import type { ListedColumn } from '../../../page/components/listed-table.tsx';
import { ListedTable } from '../../../page/components/listed-table.tsx';
import { ServiceLink } from '../../../page/components/services/service-name.tsx';
import type { CallTraffic, MapCall, MapService } from '../server/schemas.ts';
import type { ShownMap } from './shown-map.ts';
import { isHigh } from './shown-map.ts';
import { callPlace, servicePlace } from './span-places.ts';

/** All services and all calls, with their figures. The most failures come first, or the most time; every head sorts. */
export function MapTables({ map, range, measure }: ShownMap) {
  const databases = new Set(map.services.filter(({ type }) => type === 'database').map(({ name }) => name));
  const services: ListedColumn<MapService>[] = [
    {
      title: 'Service',
      value: ({ name }) => name,
      cell: ({ name, type }) => <ServiceLink name={name} type={type} />,
    },
    { title: 'Kind', value: ({ type }) => type, cell: ({ type }) => type },
    ...trafficColumns<MapService>(range, (service) => servicePlace(service, range)),
  ];
  const calls: ListedColumn<MapCall>[] = [
    {
      title: 'Call',
      value: ({ from, to }) => `${from} ${to}`,
      cell: (call) => (
        <>
          <ServiceLink name={call.from} /> →{' '}
          <ServiceLink name={call.to} type={databases.has(call.to) ? 'database' : 'service'} />
        </>
      ),
    },
    ...trafficColumns<MapCall>(range, (call) => callPlace(call, map, range)),
  ];
  return (
    <div class="map-tables cards">
      <Card title="Services" isTable>
        <ListedTable
          caption="Services"
          rows={map.services}
          columns={services}
          by={measure}
          keyOf={({ name, type }) => `${type} ${name}`}
        />
      </Card>
      {map.calls.length > 0 && (
        <Card title="Calls" isTable>
          <ListedTable
            caption="Calls"
            rows={map.calls}
            columns={calls}
            by={measure}
            keyOf={({ from, to }) => JSON.stringify([from, to])}
          />
        </Card>
      )}
    </div>
  );
}

/** Figures; the number of calls leads to their spans. */
function trafficColumns<Row extends CallTraffic>(
  range: Range,
  spansOf: (row: Row) => Place,
): ListedColumn<Row>[] {
  const columns = figureColumns<Row>(['count', 'rate', 'errors', 'p50', 'p95', 'time'], {
    counted: 'Calls',
    seconds: secondsOf(range),
    failed: (row, text) => <span class={isHigh(row) ? 'error-text' : undefined}>{text}</span>,
  });
  return columns.map((column) =>
    column.key !== 'count'
      ? column
      : {
          ...column,
          cell: (row: Row) => (
            <Link class="quiet" to={spansOf(row)} title="Its spans">
              {column.cell(row)}
            </Link>
          ),
        },
  );
}
