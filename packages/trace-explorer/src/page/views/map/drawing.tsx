import { useMemo, useRef } from 'preact/hooks';
import type { MapService, ServiceMap } from '../../../map/service-map.ts';
import { useWidth } from '../../components/use-width.ts';
import { formatDuration, formatShare } from '../../format.ts';
import { DATABASE_COLOR, serviceColor } from '../../service-color.ts';
import { hrefOf } from '../../shell/place.ts';
import type { Direction, MapLayout } from './layout.ts';
import { layoutMap, NODE_HEIGHT, NODE_WIDTH } from './layout.ts';
import { callPlace, servicePlace } from './span-places.ts';
import { rateText, trafficText } from './traffic-text.ts';

/** The graph shrinks to the window's width down to this scale, then it scrolls: its text stays legible. */
const SMALLEST_SCALE = 0.85;

/** The graph; the tables below it say the same in words. */
export function Drawing({ map, range }: { map: ServiceMap; range: number }) {
  const root = useRef<HTMLElement>(null);
  const width = useWidth(root);
  const direction = width > 0 && width < 760 ? 'TB' : 'LR';
  const laid = useMemo(() => layoutMap(map, direction), [map, direction]);
  return (
    <section class="map-drawing" ref={root} aria-label="Map of services and calls">
      <svg
        width={laid.width}
        viewBox={`0 0 ${laid.width} ${laid.height}`}
        style={{ minWidth: laid.width * SMALLEST_SCALE }}
      >
        <title>Services and who calls whom</title>
        <defs>
          <Arrow id="arrow" />
          <Arrow id="arrow-failing" />
        </defs>
        {laid.edges.map((edge) => (
          <Edge
            key={JSON.stringify([edge.from, edge.to])}
            edge={edge}
            map={map}
            range={range}
            direction={direction}
          />
        ))}
        {map.services.map((service) => (
          <Node key={service.name} service={service} layout={laid} range={range} />
        ))}
      </svg>
    </section>
  );
}

function Arrow({ id }: { id: string }) {
  return (
    <marker
      id={id}
      viewBox="0 0 8 8"
      refX="7"
      refY="4"
      markerWidth="10"
      markerHeight="10"
      markerUnits="userSpaceOnUse"
      orient="auto"
    >
      <path d="M0 0L8 4L0 8z" />
    </marker>
  );
}

interface EdgeProps {
  readonly edge: MapLayout['edges'][number];
  readonly map: ServiceMap;
  readonly range: number;
  readonly direction: Direction;
}

function Edge({ edge, map, range, direction }: EdgeProps) {
  const call = map.calls.find(({ from, to }) => from === edge.from && to === edge.to);
  if (call === undefined) return null;
  const path = edge.points.map(({ x, y }, i) => `${i === 0 ? 'M' : 'L'}${x} ${y}`).join('');
  const thickness = 1 + Math.min(4, Math.log10(1 + call.count));
  const fails = call.errors > 0;
  const { x, y } = edge.label;
  // One above and one below a horizontal line, so that neither lies on it.
  const [first, second] = direction === 'LR' ? [y - 8, y + 17] : [y - 3, y + 13];
  return (
    <a href={hrefOf(callPlace(call, map, range))} class={`map-call ${direction}`}>
      <title>{`${call.from} calls ${call.to}: ${trafficText(call)}`}</title>
      <path d={path} class="map-hit" />
      <path
        d={path}
        class={fails ? 'map-edge failing' : 'map-edge'}
        stroke-width={thickness}
        marker-end={fails ? 'url(#arrow-failing)' : 'url(#arrow)'}
      />
      <text x={x} y={first}>
        {rateText(call.rate_per_second)} · {formatDuration(call.p50_ms)}
      </text>
      <text x={x} y={second} class={fails ? 'failing' : 'muted'}>
        {fails ? `✗ ${formatShare(call.error_share)} errors` : `P99 ${formatDuration(call.p99_ms)}`}
      </text>
    </a>
  );
}

function Node({ service, layout, range }: { service: MapService; layout: MapLayout; range: number }) {
  const { x = 0, y = 0 } = layout.nodes.get(service.name) ?? {};
  const [left, top] = [x - NODE_WIDTH / 2, y - NODE_HEIGHT / 2];
  return (
    <a href={hrefOf(servicePlace(service, range))} class="map-node">
      <title>{`${service.type} ${service.name}: ${trafficText(service)}`}</title>
      <rect
        x={left}
        y={top}
        width={NODE_WIDTH}
        height={NODE_HEIGHT}
        rx={service.type === 'database' ? 14 : 4}
      />
      <rect
        x={left}
        y={top + 8}
        width="5"
        height={NODE_HEIGHT - 16}
        fill={service.type === 'database' ? DATABASE_COLOR : serviceColor(service.name)}
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
