import type { Attributes, HrTime } from '@opentelemetry/api';
import { SpanKind, trace } from '@opentelemetry/api';
import {
  ATTR_CALL_HELD,
  ATTR_CALL_HELD_AFTER_END,
  ATTR_CALL_HELD_AT,
  ATTR_CALL_HELD_BY,
  ATTR_PROCESS_ENDED,
} from '../../attributes.ts';
import { monotonicNow } from '../../common/primordials.ts';
import type { Pool, PoolCall } from '../../road/http/call.ts';
import { calls } from '../../road/http/call.ts';
import type { ClockAnchor } from '../../road/spans/clock.ts';
import { ANCHOR } from '../../road/spans/clock.ts';
import type { Span } from '../../road/spans/engine.ts';
import { open } from '../../road/spans/open-spans.ts';
import { isMethodAlone, requestName } from '../../road/spans/request-name.ts';

/** Of a shorter wait, in milliseconds, nobody asks who held the connections. */
const LEAST_WAIT_MS = 10;
/** Requests that still run and hold fewer connections than this share of the pool are not why others wait. */
const LEAST_SHARE = 0.5;
/** Spans between a call and its request that are looked at. */
const MOST_ABOVE = 20;

/** Who has a connection: a request, the line that took it, and since when. */
interface Holder {
  readonly request: Span | undefined;
  readonly at: string;
  readonly got: number;
}

/** Holders that are told as one: those of a route and line, whose requests all run, or have all ended. */
interface Group {
  readonly by: string;
  readonly at: string;
  readonly hasEnded: boolean;
  readonly count: number;
}

/** By pool: who has each of its connections. Of one that it gave before telemetry listened, the holder is not known. */
const pools = new WeakMap<Pool, Map<object, Holder>>();
/** The request of each span below one; undefined where there is none. */
const requests = new WeakMap<object, Span | undefined>();
/** When a pool last gave each connection. */
const given = new WeakMap<object, number>();

/** Listens to a pool from its first caller on. */
export function watchPool({ pool }: PoolCall): void {
  if (!isPool(pool) || pools.has(pool)) return;
  const connections = new Map<object, Holder>();
  pools.set(pool, connections);
  pool.on('acquire', (connection) => given.set(connection, monotonicNow()));
  pool.on('remove', (connection) => connections.delete(connection));
}

/** When a pool gave a connection: whoever waited goes on later, where the process works in between. */
export function gaveAt(connection: object | undefined): number | undefined {
  return connection === undefined ? undefined : given.get(connection);
}

/**
 * Notes who has a connection from now on.
 *
 * @param waited milliseconds of the wait; 0 where a connection was free
 * @returns who held the connections of the pool for as long as the wait lasted: requests that had ended before it, which forgot to
 * give them back, else those of another route or line that had most of the pool
 */
export function noteHolder(call: PoolCall, connection: object | undefined, waited: number): Attributes {
  const { pool, caller } = call;
  const connections = isPool(pool) ? pools.get(pool) : undefined;
  if (connections === undefined) return {};
  const own: Holder = {
    request: requestAbove(trace.getSpan(caller) as Span | undefined),
    at: calls.lineOf(caller),
    got: monotonicNow(),
  };
  const before = connections.get(Object(connection));
  const attributes = waited >= LEAST_WAIT_MS ? heldDuring(call, { own, before }, connections) : {};
  if (connection !== undefined) connections.set(connection, own);
  return attributes;
}

function isPool(pool: unknown): pool is Pool {
  return typeof Object(pool).idleCount === 'number';
}

function requestAbove(parent: Span | undefined): Span | undefined {
  if (parent === undefined || parent.kind === SpanKind.SERVER) return parent;
  if (!requests.has(parent)) requests.set(parent, lookAbove(parent));
  return requests.get(parent);
}

/** The look at the open spans, once for all calls below a span. */
function lookAbove(span: Span): Span | undefined {
  let at = openSpan(span.parentSpanContext?.spanId);
  for (let steps = 1; at !== undefined && steps < MOST_ABOVE; steps++) {
    if (at.kind === SpanKind.SERVER) return at;
    at = openSpan(at.parentSpanContext?.spanId);
  }
  return undefined;
}

function openSpan(spanId: string | undefined): Span | undefined {
  if (spanId === undefined) return undefined;
  for (const span of open) if (span.spanContext().spanId === spanId) return span as Span;
  return undefined;
}

function heldDuring(
  { pool, size = 0, since }: PoolCall,
  { own, before }: { readonly own: Holder; readonly before: Holder | undefined },
  connections: ReadonlyMap<object, Holder>,
): Attributes {
  // With an idle connection, not all that were given are still held.
  if (size === 0 || (pool as Pool).idleCount !== 0) return {};
  const ownBy = byOf(own);
  const group = groupsOf([...connections.values()], before, since).find(
    ({ by, at, hasEnded, count }) =>
      hasEnded || (count >= size * LEAST_SHARE && (by !== ownBy || at !== own.at)),
  );
  if (group === undefined) return {};
  return {
    [ATTR_CALL_HELD]: group.count,
    [ATTR_CALL_HELD_BY]: group.by,
    ...(group.at !== '' && { [ATTR_CALL_HELD_AT]: group.at }),
    ...(group.hasEnded && { [ATTR_CALL_HELD_AFTER_END]: true }),
  };
}

/** Those that held their connection before a wait began, in groups: those that have ended first, then the largest. */
function groupsOf(holders: readonly Holder[], before: Holder | undefined, since: number): readonly Group[] {
  const groups = new Map<string, Group>();
  for (const holder of holders) {
    const by = byOf(holder);
    if (holder.got > since || by === '') continue;
    const hasEnded = holder !== before && hasEndedBefore(holder.request, since); // or it gave its own back
    const key = [hasEnded, by, holder.at].join('\n');
    groups.set(key, { by, at: holder.at, hasEnded, count: (groups.get(key)?.count ?? 0) + 1 });
  }
  return [...groups.values()].sort((a, b) => Number(b.hasEnded) - Number(a.hasEnded) || b.count - a.count);
}

/** A request that was open when its process ended did not end before. */
function hasEndedBefore(request: Span | undefined, since: number): boolean {
  if (request === undefined || request.isRecording() || ATTR_PROCESS_ENDED in request.attributes)
    return false;
  const { [ANCHOR]: anchor } = request as { [ANCHOR]?: ClockAnchor };
  return anchor !== undefined && millisecondsOf(request.endTime) - anchor <= since;
}

function millisecondsOf([seconds, nanoseconds]: HrTime): number {
  return seconds * 1e3 + nanoseconds / 1e6;
}

/** A method alone names no request. */
function byOf({ request }: Holder): string {
  const { name, path } = request === undefined ? { name: '', path: '' } : requestName(request);
  const by = path === '' ? name : `${name} ${path}`;
  return isMethodAlone(by) ? '' : by;
}
