import type { Context, HrTime } from '@opentelemetry/api';
import { context, SpanKind, trace } from '@opentelemetry/api';
import type { PoolLike } from '../../common/code-lines.ts';
import { monotonicNow } from '../../common/primordials.ts';
import { quietly } from '../../common/quietly.ts';
import { calls } from '../../road/http/call.ts';
import type { ReadableSpan, Span } from '../../road/spans/engine.ts';
import { open } from '../../road/spans/open-spans.ts';
import { isMethodAlone, requestName } from '../../road/spans/request-name.ts';
import { lineOf } from './line-of.ts';

/** The span in which a caller of a pool waits for a connection, by OpenTelemetry's instrumentation of pg. */
const WAIT = 'pg-pool.connect';
/** Of a shorter wait, in milliseconds, nobody asks who held the connections. */
const LEAST_WAIT_MS = 10;
/** Requests that still run and hold fewer connections than this share of the pool are not why others wait. */
const LEAST_SHARE = 0.5;
/** Spans between a call and its request that are looked at. */
const MOST_ABOVE = 20;

/** A caller that waits for a connection of a pool, and then holds it. Times are readings of `performance.now()`. */
interface Holder {
  readonly span: Span;
  readonly pool: PoolLike;
  readonly since: number;
  /** When it got its connection. */
  got: number;
  /** Who held the connection until then. */
  before?: Holder | undefined;
}

/** Who has a connection, as far as it was a caller in a trace, and who had it when it was handed on. */
interface Held {
  readonly holder?: Holder;
  readonly before?: Holder | undefined;
}

/** Those that wait, by their spans. */
const waiting = new WeakMap<object, Holder>();
/** The request of each such span, and of spans between both. */
const requests = new WeakMap<object, Span>();
/** By pool: who has each of its connections. */
const pools = new WeakMap<PoolLike, Map<object, Held>>();

/** Replaces `connect` of a class of pools, so that telemetry knows who holds the connections of each. */
export function noteHolders(prototype: PoolLike): void {
  const { connect } = prototype;
  prototype.connect = function connectFrom(this: PoolLike, ...args: unknown[]) {
    const holder = beginWait(this);
    const [callback] = args;
    if (holder === undefined) return connect.apply(this, args);
    if (typeof callback === 'function')
      return connect.call(this, function (this: unknown, ...result: unknown[]) {
        quietly(() => noteGot(holder, result[1]));
        return Reflect.apply(callback, this, result);
      });
    const result = connect.apply(this, args);
    // The instrumentation, which alone gets this promise, goes on with a refusal.
    if (result instanceof Promise)
      result.then(
        (client) => quietly(() => noteGot(holder, client)),
        () => {},
      );
    return result;
  };
}

/** Notes the request in which a call waits for a connection, at the start of its span. */
export function noteRequest(span: Span, parentContext: Context): void {
  if (span.name !== WAIT) return;
  const request = requestAbove(trace.getSpan(parentContext) as Span | undefined);
  if (request !== undefined) requests.set(span, request);
}

function requestAbove(parent: Span | undefined): Span | undefined {
  const known = parent && requests.get(parent);
  let at = known ?? parent;
  for (let steps = 0; at !== undefined && steps < MOST_ABOVE; steps++) {
    if (at.kind === SpanKind.SERVER) {
      if (parent !== undefined && parent !== at) requests.set(parent, at);
      return at;
    }
    at = openSpan(at.parentSpanContext?.spanId);
  }
  return undefined;
}

function openSpan(spanId: string | undefined): Span | undefined {
  if (spanId === undefined) return undefined;
  for (const span of open) if (span.spanContext().spanId === spanId) return span as Span;
  return undefined;
}

function beginWait(pool: PoolLike): Holder | undefined {
  const span = trace.getSpan(context.active()) as Span | undefined;
  if (calls.poolWaited.length === 0 || span?.name !== WAIT) return undefined;
  const holder: Holder = { span, pool, since: monotonicNow(), got: Number.POSITIVE_INFINITY };
  quietly(() => {
    connectionsOf(pool);
    waiting.set(span, holder);
  });
  return holder;
}

/** Listens to a pool from the first caller in a trace on. Of a connection that it gave before, the holder is not known. */
function connectionsOf(pool: PoolLike): Map<object, Held> {
  const known = pools.get(pool);
  if (known !== undefined) return known;
  const connections = new Map<object, Held>();
  pools.set(pool, connections);
  pool.on('acquire', (client) => {
    const before = connections.get(client)?.holder;
    if (before !== undefined) before.before = undefined; // else each would keep all before it
    connections.set(client, { before });
  });
  pool.on('remove', (client) => connections.delete(client));
  return connections;
}

function noteGot(holder: Holder, client: unknown): void {
  const held = pools.get(holder.pool)?.get(Object(client));
  if (held === undefined) return; // it failed
  holder.got = monotonicNow();
  holder.before = held.before;
  pools.get(holder.pool)?.set(Object(client), { holder });
}

/** Holders that are told as one: those of a route and line, whose requests all run, or have all ended. */
interface Group {
  readonly by: string;
  readonly at: string;
  readonly hasEnded: boolean;
  readonly count: number;
}

/**
 * Writes to the span of a wait that ends who held connections of the pool for as long as it lasted: requests that had ended before
 * it, which forgot to give them back, else those of another route or line that had most of the pool.
 */
export function writeHolders(span: ReadableSpan): void {
  const wait = span.name === WAIT ? waiting.get(span) : undefined;
  if (wait === undefined || !(Number(span.attributes['tandem.call.waiting_ms']) >= LEAST_WAIT_MS)) return;
  const { pool, before } = wait;
  const size = Number(pool.options.max);
  // With an idle connection, not all that were given are still held.
  if (!(size > 0) || pool.idleCount !== 0) return;
  const held = [...connectionsOf(pool).values()].flatMap(({ holder }) => holder ?? []);
  const groups = groupsOf(wait, [...held, ...(before ? [before] : [])]);
  const own = textsOf(wait);
  const group =
    groups.find(({ hasEnded }) => hasEnded) ??
    groups.find(({ by, at, count }) => count >= size * LEAST_SHARE && (by !== own.by || at !== own.at));
  if (group === undefined) return;
  const { attributes } = span;
  attributes['tandem.call.held'] = group.count;
  attributes['tandem.call.held_by'] = group.by;
  if (group.at !== '') attributes['tandem.code.held_at'] = group.at;
  if (group.hasEnded) attributes['tandem.call.held_after_end'] = true;
}

/** Those that held their connection before a wait began, in groups, the largest first. */
function groupsOf(wait: Holder, holders: readonly Holder[]): readonly Group[] {
  const groups = new Map<string, Group>();
  for (const holder of holders) {
    const request = requests.get(holder.span);
    if (holder === wait || holder.got > wait.since || request === undefined) continue;
    const hasEnded = holder !== wait.before && hasEndedBefore(request, wait.span.startTime);
    const texts = textsOf(holder);
    if (texts.by === '') continue;
    const key = [hasEnded, texts.by, texts.at].join('\n');
    groups.set(key, { ...texts, hasEnded, count: (groups.get(key)?.count ?? 0) + 1 });
  }
  return [...groups.values()].sort((a, b) => b.count - a.count);
}

/** A request that was open when its process ended did not end before. */
function hasEndedBefore(request: Span, [seconds, nanoseconds]: HrTime): boolean {
  if (request.isRecording() || 'tandem.process_ended' in request.attributes) return false;
  const [endSeconds, endNanoseconds] = request.endTime;
  return endSeconds < seconds || (endSeconds === seconds && endNanoseconds <= nanoseconds);
}

/** The request and the line of code that wait for a connection, or hold it. A method alone names no request. */
function textsOf({ span }: Holder): Pick<Group, 'by' | 'at'> {
  const request = requests.get(span);
  const { name, path } = request === undefined ? { name: '', path: '' } : requestName(request);
  const by = path === '' ? name : `${name} ${path}`;
  return { by: isMethodAlone(by) ? '' : by, at: lineOf(span) };
}
