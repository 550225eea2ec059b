import { useLayoutEffect, useRef } from 'preact/hooks';
import type { MapCall, MapService, ServiceMap, Traffic } from '../../../map/service-map.ts';
import { hrefOf } from '../../../places/place.ts';
import type { Range } from '../../../places/shown-range.ts';
import { secondsOf } from '../../../places/shown-range.ts';
import { DATABASE_COLOR } from '../../../shared/service-color.ts';
import { failedShare } from '../../ask/failed-text.ts';
import { useLoad } from '../../ask/use-load.ts';
import { useServiceColor } from '../../components/services/service-colors.ts';
import { Busy } from '../../components/states/busy.tsx';
import { about, formatCount, formatDuration, formatRate } from '../../values/format.ts';
import type { MapLayout } from './map-layout.ts';
import { MAX_LABELS, NODE_HEIGHT, NODE_WIDTH } from './map-layout.ts';
import { callPlace, servicePlace } from './span-places.ts';
import type { VisiblePart } from './visible-part.ts';

/** The graph shrinks to the window's width down to this scale. Below it the graph scrolls, so that its text stays legible. */
const SMALLEST_SCALE = 0.85;

export interface DrawingProps {
  /** The whole map, which says which names are databases. */
  readonly map: ServiceMap;
  readonly part: VisiblePart;
  readonly selected: string | undefined;
  /** The time range that the numbers cover. */
  readonly range: Range;
}

/** The graph. The tables below it have the same content as text. */
export function Drawing({ map, part, selected, range }: DrawingProps) {
  // dagre is loaded when there is something to lay out.
  const { value: layout, error } = useLoad(async () => (await import('./layout.ts')).layoutMap(part), [part]);
  const drawing = useRef<HTMLElement>(null);
  // In a narrow window the drawing is wider than the window.
  useLayoutEffect(() => {
    const { current } = drawing;
    const at = selected === undefined ? undefined : layout?.nodes.get(selected);
    if (current && layout && at)
      current.scrollLeft = (at.x / layout.width) * current.scrollWidth - current.clientWidth / 2;
  }, [layout, selected]);
  const calls = new Map(part.calls.map((call) => [JSON.stringify([call.from, call.to]), call]));
  return (
    <section class="map-drawing" aria-label="Map of services and calls" ref={drawing}>
      {error !== undefined && <p role="alert">The map could not be drawn. The tables below say the same.</p>}
      {layout === undefined && error === undefined && <Busy what="Drawing the map" />}
      {layout !== undefined && (
        <svg
          width={layout.width}
          viewBox={`0 0 ${layout.width} ${layout.height}`}
          style={{ minWidth: `${layout.width * SMALLEST_SCALE}px` }}
        >
          <title>Services and who calls whom</title>
          <defs>
            <Arrow id="arrow" />
            <Arrow id="arrow-failing" />
          </defs>
          {layout.edges.map((edge) => {
            const key = JSON.stringify([edge.from, edge.to]);
            const call = calls.get(key);
            return (
              call && (
                <Edge
                  key={key}
                  edge={edge}
                  call={call}
                  href={hrefOf(callPlace(call, map, range))}
                  labelled={part.calls.length <= MAX_LABELS}
                  range={range}
                />
              )
            );
          })}
          {part.services.map((service) => {
            const at = layout.nodes.get(service.name);
            return (
              at && (
                <Node
                  key={service.name}
                  service={service}
                  at={at}
                  range={range}
                  selected={service.name === selected}
                />
              )
            );
          })}
        </svg>
      )}
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
  readonly call: MapCall;
  readonly href: string;
  readonly labelled: boolean;
  readonly range: Range;
}

function Edge({ edge, call, href, labelled, range }: EdgeProps) {
  const path = edge.points.map(({ x, y }, i) => `${i === 0 ? 'M' : 'L'}${x} ${y}`).join('');
  const thickness = 1 + Math.min(4, Math.log10(1 + call.count));
  const fails = call.errors > 0;
  const { x, y } = edge.label;
  // One text above the line and one below, so that the line crosses neither.
  const [first, second] = [y - 8, y + 17];
  return (
    <a href={href} class="map-call">
      <title>{`${call.from} calls ${call.to}: ${trafficText(call, range)}`}</title>
      <path d={path} class="map-hit" />
      <path
        d={path}
        class={fails ? 'map-edge failing' : 'map-edge'}
        stroke-width={thickness}
        marker-end={fails ? 'url(#arrow-failing)' : 'url(#arrow)'}
      />
      {labelled && (
        <>
          <text x={x} y={first}>
            {about(formatRate(call.count, secondsOf(range)), call.estimated)} ·{' '}
            {about(formatDuration(call.p50_ms), call.estimated)}
          </text>
          <text x={x} y={second} class={fails ? 'failing' : 'muted'}>
            {fails
              ? `✗ ${failedShare(call)} errors`
              : `P99 ${about(formatDuration(call.p99_ms), call.estimated)}`}
          </text>
        </>
      )}
    </a>
  );
}

/** All numbers in one line. */
function trafficText(traffic: Traffic, range: Range): string {
  const estimate = (text: string) => about(text, traffic.estimated);
  const calls = `${estimate(formatCount(traffic.count))} calls, ${estimate(formatRate(traffic.count, secondsOf(range)))}`;
  const errors = `${about(formatCount(traffic.errors), traffic.errors_estimated)} errors (${failedShare(traffic)})`;
  if (traffic.count === 0) return calls;
  return `${calls}, ${errors}, P50 ${estimate(formatDuration(traffic.p50_ms))}, P99 ${estimate(formatDuration(traffic.p99_ms))}`;
}

interface NodeProps {
  readonly service: MapService;
  readonly at: { readonly x: number; readonly y: number };
  readonly range: Range;
  readonly selected: boolean;
}

/** A service's box: a link to its spans. */
function Node({ service, at: { x, y }, range, selected }: NodeProps) {
  const colorOf = useServiceColor();
  const [left, top] = [x - NODE_WIDTH / 2, y - NODE_HEIGHT / 2];
  const estimate = (text: string) => about(text, service.estimated);
  const times =
    service.count === 0
      ? ''
      : `P50 ${estimate(formatDuration(service.p50_ms))} · P99 ${estimate(formatDuration(service.p99_ms))}`;
  return (
    <a href={hrefOf(servicePlace(service, range))} class={selected ? 'map-node selected' : 'map-node'}>
      <title>{`${service.type} ${service.name}: ${trafficText(service, range)}`}</title>
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
        fill={service.type === 'database' ? DATABASE_COLOR : colorOf(service.name)}
        class="map-color"
      />
      <text x={left + 16} y={top + 21} class="map-name">
        {shortened(service.name)}
      </text>
      <text x={left + 16} y={top + 41} class="muted">
        {estimate(formatRate(service.count, secondsOf(range)))} ·{' '}
        <tspan class={service.errors > 0 ? 'failing' : ''}>
          {service.errors > 0 ? `✗ ${failedShare(service)}` : 'no errors'}
        </tspan>
      </text>
      <text x={left + 16} y={top + 60} class="muted" {...squeezed(times)}>
        {times}
      </text>
    </a>
  );
}

/** Characters of a line in a box. A longer line is drawn narrower, so that it stays within the box. */
const MOST_CHARACTERS = 26;

function squeezed(text: string) {
  if (text.length <= MOST_CHARACTERS) return {};
  return { textLength: NODE_WIDTH - 32, lengthAdjust: 'spacingAndGlyphs' } as const;
}

function shortened(name: string): string {
  return [...name].length > 18 ? `${[...name].slice(0, 17).join('')}…` : name;
}
