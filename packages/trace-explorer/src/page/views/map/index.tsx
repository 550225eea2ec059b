import { useMemo, useRef } from 'preact/hooks';
import type { MapCall, MapService, ServiceMap, Traffic } from '../../../map/service-map.ts';
import type { Filter } from '../../../query/query-spec.ts';
import { getJson } from '../../client/api.ts';
import { Busy } from '../../client/components/busy.tsx';
import { ErrorState } from '../../client/components/error-state.tsx';
import { ServiceName } from '../../client/components/service-name.tsx';
import { Table, type TableColumn } from '../../client/components/table.tsx';
import { formatCount, formatDuration, formatNumber, formatShare } from '../../client/format.ts';
import { hrefOf, type Place, queryPlace } from '../../client/place.ts';
import { setParams } from '../../client/router.ts';
import { serviceColor } from '../../client/service-color.ts';
import { useLoad } from '../../client/use-load.ts';
import type { ViewProps } from '../../client/views.ts';
import { useWidth } from '../query/charts/use-size.ts';
import { describeSeconds } from '../query/describe.ts';
import { NoSpans } from '../query/no-match.tsx';
import { layoutMap, type MapLayout, nodeHeight, nodeWidth } from './layout.ts';

const ranges = [600, 3600, 7200, 86_400, 604_800];
const defaultRange = 3600;

/** Who calls whom, how often, how fast and with how many errors. A click asks for just those spans. */
export default function MapView({ place }: ViewProps) {
  const range = Number(place.params.time_range) || defaultRange;
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
            {[...new Set([...ranges, range])]
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
  const services: TableColumn<MapService>[] = [
    {
      key: 'name',
      title: 'Service',
      cell: (service) => (
        <a class="map-link" href={hrefOf(servicePlace(service, range))}>
          <ServiceName name={service.name} />
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
          <ServiceName name={call.from} /> → <ServiceName name={call.to} />
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

/** The graph; the tables below it say the same in words. */
function Drawing({ map, range }: { map: ServiceMap; range: number }) {
  const root = useRef<HTMLElement>(null);
  const width = useWidth(root);
  const direction = width > 0 && width < 760 ? 'TB' : 'LR';
  const laid = useMemo(() => layoutMap(map, direction), [map, direction]);
  return (
    <section class="map-drawing" ref={root} aria-label="Map of services and calls">
      <svg width={laid.width} height={laid.height} viewBox={`0 0 ${laid.width} ${laid.height}`}>
        <title>Services and who calls whom</title>
        <defs>
          <marker
            id="arrow"
            viewBox="0 0 8 8"
            refX="7"
            refY="4"
            markerWidth="10"
            markerHeight="10"
            markerUnits="userSpaceOnUse"
            orient="auto"
          >
            <path d="M0 0L8 4L0 8z" class="map-arrow" />
          </marker>
        </defs>
        {laid.edges.map((edge) => (
          <Edge key={JSON.stringify([edge.from, edge.to])} edge={edge} map={map} range={range} />
        ))}
        {map.services.map((service) => (
          <Node key={service.name} service={service} layout={laid} range={range} />
        ))}
      </svg>
    </section>
  );
}

function Edge({ edge, map, range }: { edge: MapLayout['edges'][number]; map: ServiceMap; range: number }) {
  const call = map.calls.find(({ from, to }) => from === edge.from && to === edge.to);
  if (call === undefined) return null;
  const path = edge.points.map(({ x, y }, i) => `${i === 0 ? 'M' : 'L'}${x} ${y}`).join('');
  const thickness = 1 + Math.min(4, Math.log10(1 + call.count));
  return (
    <a href={hrefOf(callPlace(call, map, range))}>
      <title>{`${call.from} calls ${call.to}: ${trafficText(call)}`}</title>
      <path
        d={path}
        class={call.errors > 0 ? 'map-edge failing' : 'map-edge'}
        stroke-width={thickness}
        marker-end="url(#arrow)"
      />
      <g class="map-label">
        <rect x={edge.label.x - 58} y={edge.label.y - 18} width="116" height="36" rx="3" />
        <text x={edge.label.x} y={edge.label.y - 3}>
          {rateText(call.rate_per_second)} · {formatDuration(call.p50_ms)}
        </text>
        <text x={edge.label.x} y={edge.label.y + 12} class={call.errors > 0 ? 'failing' : 'muted'}>
          {call.errors > 0
            ? `✗ ${formatShare(call.error_share)} errors`
            : `P99 ${formatDuration(call.p99_ms)}`}
        </text>
      </g>
    </a>
  );
}

function Node({ service, layout, range }: { service: MapService; layout: MapLayout; range: number }) {
  const { x = 0, y = 0 } = layout.nodes.get(service.name) ?? {};
  const [left, top] = [x - nodeWidth / 2, y - nodeHeight / 2];
  return (
    <a href={hrefOf(servicePlace(service, range))} class="map-node">
      <title>{`${service.type} ${service.name}: ${trafficText(service)}`}</title>
      <rect
        x={left}
        y={top}
        width={nodeWidth}
        height={nodeHeight}
        rx={service.type === 'database' ? 14 : 4}
      />
      <rect
        x={left}
        y={top + 8}
        width="5"
        height={nodeHeight - 16}
        fill={serviceColor(service.name)}
        class="map-color"
      />
      <text x={left + 16} y={top + 21} class="map-name">
        {shortened(service.name)}
      </text>
      <text x={left + 16} y={top + 41} class="muted">
        {rateText(service.rate_per_second)} ·{' '}
        <tspan class={service.errors > 0 ? 'failing' : ''}>
          {service.errors > 0 ? `✗ ${formatShare(service.error_share)} errors` : 'no errors'}
        </tspan>
      </text>
      <text x={left + 16} y={top + 60} class="muted">
        P50 {formatDuration(service.p50_ms)} · P99 {formatDuration(service.p99_ms)}
      </text>
    </a>
  );
}

function shortened(name: string): string {
  return name.length > 24 ? `${name.slice(0, 23)}…` : name;
}

function trafficText({ count, rate_per_second, errors, error_share, p50_ms, p99_ms }: Traffic): string {
  return `${formatCount(count)} calls, ${rateText(rate_per_second)}, ${formatCount(errors)} errors (${formatShare(error_share)}), P50 ${formatDuration(p50_ms)}, P99 ${formatDuration(p99_ms)}`;
}

/** Per second, or per minute where that is a number of things. */
function rateText(perSecond: number): string {
  return perSecond >= 1 || perSecond === 0
    ? `${formatNumber(perSecond)}/s`
    : `${formatNumber(perSecond * 60)}/min`;
}

const calculations = [
  { op: 'HEATMAP', column: 'duration_ms' },
  { op: 'P99', column: 'duration_ms' },
  { op: 'COUNT' },
] as const;

/** The spans that a service's numbers were made of. */
function servicePlace({ name, type }: MapService, time_range: number): Place {
  const filters: Filter[] =
    type === 'database' ? databaseFilters(name) : [{ column: 'service.name', op: '=', value: name }];
  return queryPlace({ calculations, filters, breakdowns: ['name'], time_range });
}

function callPlace({ from, to }: MapCall, { services }: ServiceMap, time_range: number): Place {
  const database = services.some(({ name, type }) => name === to && type === 'database');
  const filters: Filter[] = database
    ? [{ column: 'service.name', op: '=', value: from }, ...databaseFilters(to)]
    : [
        { column: 'service.name', op: '=', value: to },
        { column: 'span.kind', op: 'in', value: ['server', 'consumer'] },
      ];
  return queryPlace({ calculations, filters, breakdowns: ['name'], time_range });
}

/** A database is named by its kind and, when it has one, its name. */
function databaseFilters(name: string): Filter[] {
  const [system = '', ...rest] = name.split(' ');
  const namespace = rest.join(' ');
  return [
    { column: 'db.system.name', op: '=', value: system },
    ...(namespace === '' ? [] : [{ column: 'db.namespace', op: '=', value: namespace } as const]),
  ];
}
