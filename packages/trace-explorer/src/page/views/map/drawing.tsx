import type { RefObject } from 'preact';
import { useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks';
import type { MapCall, MapService, ServiceMap } from '../../../map/service-map.ts';
import type { Place } from '../../../places/place.ts';
import { hrefOf } from '../../../places/place.ts';
import { DATABASE_COLOR } from '../../../shared/service-color.ts';
import { Busy } from '../../components/busy.tsx';
import { useServiceColor } from '../../components/service-colors.tsx';
import { useWidth } from '../../components/use-width.ts';
import { formatCount, formatDuration, formatRate, formatShare } from '../../format.ts';
import type { MapGroup } from './groups.ts';
import type { Direction, MapLayout } from './map-layout.ts';
import { NODE_HEIGHT, NODE_WIDTH } from './map-layout.ts';
import { callPlace, neighboursPlace, servicePlace, unfoldedPlace } from './span-places.ts';
import { trafficText } from './traffic-text.ts';
import { useLayout } from './use-layout.ts';
import type { VisiblePart } from './visible-part.ts';

/** The graph shrinks to the window's width down to this scale, then it scrolls: its text stays legible. */
const SMALLEST_SCALE = 0.85;

export interface DrawingProps {
  /** All there is: which names are databases. */
  readonly map: ServiceMap;
  readonly part: VisiblePart;
  readonly selected: string | undefined;
  /** Names of the groups whose members are drawn. */
  readonly unfolded: ReadonlySet<string>;
  readonly params: Place['params'];
  /** Seconds that the numbers are of. */
  readonly range: number;
}

/** The graph; the tables below it say the same in words. */
export function Drawing({ map, part, selected, unfolded, params, range }: DrawingProps) {
  const root = useRef<HTMLElement>(null);
  const width = useWidth(root);
  const direction = width > 0 && width < 760 ? 'TB' : 'LR';
  const shape = useMemo(() => {
    const grouped = part.boxes.some(({ type }) => type === 'group');
    return { services: part.boxes, calls: part.calls, grouped };
  }, [part]);
  /** The box that the pointer or the focus is on. */
  const [near, setNear] = useState<string>();
  const approach = (name: string) => ({
    onPointerEnter: () => setNear(name),
    onPointerLeave: () => setNear(undefined),
    onFocusIn: () => setNear(name),
    onFocusOut: () => setNear(undefined),
  });
  const { layout, failed } = useLayout(shape, direction);
  useFocusOnGroup(root, unfolded, layout);
  const calls = new Map(part.calls.map((call) => [JSON.stringify([call.from, call.to]), call]));
  const groups = new Map(part.boxes.flatMap((box) => (box.type === 'group' ? [[box.name, box]] : [])));
  const opened = (names: readonly string[]) => hrefOf(unfoldedPlace([...unfolded, ...names], params));
  const hrefOfCall = (call: MapCall) => {
    const ends = [call.from, call.to].filter((name) => groups.has(name));
    return ends.length > 0 ? opened(ends) : hrefOf(callPlace(call, map, range));
  };
  const titleOf = (name: string) => groups.get(name)?.title ?? name;
  return (
    <section class="map-drawing" ref={root} aria-label="Map of services and calls">
      {failed && <p role="alert">The browser could not draw the map. The tables below say the same.</p>}
      {layout === undefined && !failed && <Busy what="Drawing the map" />}
      {layout !== undefined && (
        <svg
          width={layout.width}
          viewBox={`0 0 ${layout.width} ${layout.height}`}
          style={{ minWidth: layout.width * SMALLEST_SCALE }}
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
                  href={hrefOfCall(call)}
                  names={[titleOf(call.from), titleOf(call.to)]}
                  emphasis={near === undefined ? undefined : near === call.from || near === call.to}
                  labelled={!shape.grouped || near === call.from || near === call.to}
                  most={groups.has(call.from) || groups.has(call.to)}
                  range={range}
                  direction={direction}
                />
              )
            );
          })}
          {part.boxes.map((box) => {
            const at = layout.nodes.get(box.name);
            if (at === undefined) return null;
            return (
              <g key={box.name} {...(shape.grouped && approach(box.name))}>
                {box.type === 'group' ? (
                  <GroupNode group={box} at={at} range={range} href={opened([box.name])} />
                ) : (
                  <Node service={box} at={at} range={range} selected={box.name === selected} />
                )}
              </g>
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
  /** Caller and callee, for people. */
  readonly names: readonly [string, string];
  /** Whether it belongs to the box that is looked at; undefined when none is. */
  readonly emphasis: boolean | undefined;
  readonly labelled: boolean;
  /** Percentiles are those of the slowest of several calls. */
  readonly most: boolean;
  readonly range: number;
  readonly direction: Direction;
}

function Edge({ edge, call, href, names, emphasis, labelled, most, range, direction }: EdgeProps) {
  const path = edge.points.map(({ x, y }, i) => `${i === 0 ? 'M' : 'L'}${x} ${y}`).join('');
  const thickness = 1 + Math.min(4, Math.log10(1 + call.count));
  const fails = call.errors > 0;
  const { x, y } = edge.label;
  // One above and one below a horizontal line, so that neither lies on it.
  const [first, second] = direction === 'LR' ? [y - 8, y + 17] : [y - 3, y + 13];
  return (
    <a href={href} class={`map-call ${direction}${emphasis === false ? ' far' : ''}`}>
      <title>{`${names[0]} calls ${names[1]}: ${trafficText(call, range)}${most ? ' of the slowest' : ''}`}</title>
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
            {formatRate(call.count, range)}
            {!most && ` · ${formatDuration(call.p50_ms)}`}
          </text>
          <text x={x} y={second} class={fails ? 'failing' : 'muted'}>
            {fails
              ? `✗ ${formatShare(call.error_share)} errors`
              : `P99 ${most ? '≤ ' : ''}${formatDuration(call.p99_ms)}`}
          </text>
        </>
      )}
    </a>
  );
}

interface NodeProps {
  readonly service: MapService;
  readonly at: { readonly x: number; readonly y: number };
  readonly range: number;
  readonly selected: boolean;
}

/** A service's box: a link to its spans, and in its corner one to its neighbours. */
function Node({ service, at: { x, y }, range, selected }: NodeProps) {
  const colorOf = useServiceColor();
  const [left, top] = [x - NODE_WIDTH / 2, y - NODE_HEIGHT / 2];
  const times = `P50 ${formatDuration(service.p50_ms)} · P99 ${formatDuration(service.p99_ms)}`;
  return (
    <g>
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
          {formatRate(service.count, range)} ·{' '}
          <tspan class={service.errors > 0 ? 'failing' : ''}>
            {service.errors > 0 ? `✗ ${formatShare(service.error_share)}` : 'no errors'}
          </tspan>
        </text>
        <text x={left + 16} y={top + 60} class="muted" {...squeezed(times)}>
          {times}
        </text>
      </a>
      {!selected && (
        <a href={hrefOf(neighboursPlace(service.name, range))} class="map-focus">
          <title>{`Only ${service.name} and its neighbours`}</title>
          <rect x={left + NODE_WIDTH - 24} y={top + 4} width="20" height="20" rx="3" />
          <path d={`M${left + NODE_WIDTH - 14} ${top + 8}v12m-6-6h12m-9 0a3 3 0 1 0 6 0a3 3 0 1 0-6 0`} />
        </a>
      )}
    </g>
  );
}

interface GroupNodeProps {
  readonly group: MapGroup;
  readonly at: { readonly x: number; readonly y: number };
  readonly range: number;
  /** Where it is unfolded. */
  readonly href: string;
}

/** Several services as one box, which a click unfolds. */
function GroupNode({ group, at: { x, y }, range, href }: GroupNodeProps) {
  const [left, top] = [x - NODE_WIDTH / 2, y - NODE_HEIGHT / 2];
  const { count, errors, error_share, members } = group;
  const databases = members.every(({ type }) => type === 'database');
  const what = `${formatCount(members.length)} ${databases ? 'databases' : 'services'}`;
  return (
    <a href={href} class="map-node map-group" data-group={group.name}>
      <title>{`Unfold ${group.title}: ${members.map(({ name }) => name).join(', ')}`}</title>
      <rect x={left} y={top} width={NODE_WIDTH - 6} height={NODE_HEIGHT - 6} rx="4" />
      <path
        class="map-stack"
        d={`M${left + NODE_WIDTH - 3} ${top + 5}v${NODE_HEIGHT - 8}H${left + 5}M${left + NODE_WIDTH} ${top + 8}v${NODE_HEIGHT - 8}H${left + 8}`}
      />
      <text x={left + 12} y={top + 20} class="map-name">
        ▸ {shortened(group.title)}
      </text>
      <text x={left + 12} y={top + 39} class="muted">
        {formatRate(count, range)} ·{' '}
        <tspan class={errors > 0 ? 'failing' : ''}>
          {errors > 0 ? `✗ ${formatShare(error_share)}` : 'no errors'}
        </tspan>
      </text>
      <text x={left + 12} y={top + 58} class="muted map-members">
        {what} · P99 ≤ {formatDuration(group.p99_ms)}
      </text>
    </a>
  );
}

/** What had the focus is gone when a group is unfolded or folded: its first member gets it, or the group. */
function useFocusOnGroup(
  root: RefObject<HTMLElement | null>,
  unfolded: ReadonlySet<string>,
  layout: MapLayout | undefined,
): void {
  const before = useRef(unfolded);
  const changed = useRef<{ name: string; members: ReadonlySet<string> }>(undefined);
  const boxes = () => [...(root.current?.querySelectorAll<SVGAElement>('.map-node') ?? [])];
  const drawn = useRef<ReadonlySet<string>>(new Set());
  useLayoutEffect(() => {
    const names = [...unfolded, ...before.current];
    const name = names.find((each) => unfolded.has(each) !== before.current.has(each));
    before.current = unfolded;
    // The layout comes later, and by then a neighbour may have been given the focus.
    const focused = document.activeElement;
    const isGone = focused === document.body || root.current?.contains(focused);
    if (name !== undefined && isGone) changed.current = { name, members: drawn.current };
  }, [unfolded]);
  useLayoutEffect(() => {
    const now = boxes();
    const keyOf = (box: SVGAElement) => box.dataset.group ?? box.querySelector('title')?.textContent ?? '';
    const waiting = changed.current;
    if (waiting !== undefined) {
      const group = now.find((box) => box.dataset.group === waiting.name);
      (group ?? now.find((box) => !waiting.members.has(keyOf(box))))?.focus();
    }
    changed.current = undefined;
    drawn.current = new Set(now.map(keyOf));
  }, [layout]);
}

/** Characters of a line in a box: more, such as hours and minutes twice, are drawn narrower, not beyond its edge. */
const MOST_CHARACTERS = 26;

function squeezed(text: string) {
  if (text.length <= MOST_CHARACTERS) return {};
  return { textLength: NODE_WIDTH - 32, lengthAdjust: 'spacingAndGlyphs' } as const;
}

function shortened(name: string): string {
  return [...name].length > 18 ? `${[...name].slice(0, 17).join('')}…` : name;
}
