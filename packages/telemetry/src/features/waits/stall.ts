import type { Attributes, HrTime } from '@opentelemetry/api';
import {
  ATTR_STALL_BESIDE,
  ATTR_STALL_DURATION,
  ATTR_STALL_GC,
  ATTR_STALL_KIND,
  ATTR_STALL_RAN,
  ATTR_STALL_REQUEST,
  ATTR_STALL_WAITED,
  ATTR_STALLED,
  ATTR_STALLED_BEFORE,
  ATTR_STALLED_BEFORE_KIND,
  ATTR_STALLED_BEFORE_RAN,
  ATTR_STALLED_BEFORE_REQUEST,
  ATTR_STALLED_BEFORE_WAITED,
} from '../../attributes.ts';
import { rounded } from '../../road/http/call.ts';
import type { Span } from '../../road/spans/engine.ts';
import { requestName } from '../../road/spans/request-name.ts';
import type { OwnTime, ThreadTime } from './thread-time.ts';

/**
 * Why the event loop did not turn: the thread ran, or was ready and waited for a processor, or the process was stopped by
 * a signal, or the machine was suspended. The rest is a synchronous call that waits, such as `execSync`.
 */
export type StallKind = 'ran' | 'waited_for_processor' | 'stopped' | 'suspended' | 'blocked';

/** What the thread did in a stall, in milliseconds, as far as the system tells. */
export interface Shares {
  /** How long it ran. */
  ranMs?: number | undefined;
  /** How long it was ready to run and waited for a processor. */
  waitedMs?: number | undefined;
}

/** A time in which the event loop did not turn. Times are readings of `performance.now()`. */
export interface Stall extends Shares {
  readonly start: number;
  end: number;
  /** Milliseconds; of a suspended machine by the system clock, because the other clock stood still. */
  ms: number;
  kind: StallKind;
  /** Milliseconds of garbage collection. */
  gcMs: number;
  /** The spans that began in the stalled turn of the loop, or ended at its end; of many, the first two. */
  readonly beside: Set<Span>;
  /** Requests that began and ended in the stalled turn, and took long: if there is one, its code ran. The first two. */
  readonly within: Set<Span>;
  /** Write to spans what has become known since. */
  readonly amend: (() => void)[];
}

/** The most events of a span; the rest is in the sum only. */
const MOST_EVENTS = 8;
/** A shorter overlap is not worth an event, in milliseconds. */
const LEAST_OVERLAP_MS = 1;
/** Beyond two spans in a stalled turn, nobody asks which they are. */
export const MOST_BESIDE = 2;
/** Of more spans in a stall, the rest says what was known at its end: what writes to a span again keeps it in memory. */
const MOST_AMENDED = 1_000;
/** A request that takes less of a stall is not known to be its reason. */
const LEAST_OF_STALL = 0.8;

export const TICK_MS = 20;
/** A tick this late means a stall: it began between two ticks, on average in the middle. */
export const LATE_MS = TICK_MS / 2;

/**
 * When a stall began: exact where a span began or ended in the stalled turn, before the tick was due.
 *
 * @param turnAt the last look at a turn
 * @param isStalled whether the turn is the stalled one
 */
export function startOf(due: number, turnAt: number, isStalled: boolean): number {
  if (turnAt > due || turnAt < due - TICK_MS) return due - LATE_MS;
  return isStalled ? turnAt : (turnAt + due) / 2;
}

/** A thread that waited for a processor for a twentieth of the time is on a busy machine. */
const STARVED_SHARE = 1 / 20;
/** There, code that ran for fewer milliseconds is not why the loop stood still for long. */
const LEAST_RUN_MS = 50;

/** @param window the milliseconds between both readings of the thread's time */
export function stallKindOf(before: ThreadTime, after: ThreadTime, window: number): StallKind {
  const ran = after.ran - before.ran;
  const told = difference(before.waited, after.waited);
  // Where the system does not tell: a call that waits takes hardly any processor time.
  const waited = told ?? (ran * 10 >= window ? window - ran : 0);
  if (ran * 2 >= window && (ran >= LEAST_RUN_MS || ran >= waited * 4)) return 'ran';
  const isStarved =
    waited >= window * STARVED_SHARE ||
    (waited + longestWait(before, after) + withoutProcessor(before, after)) * 2 >= window;
  return isStarved ? 'waited_for_processor' : 'blocked';
}

/**
 * What the thread did in a stall, of what it did between both readings of its time, which is up to a tick more.
 *
 * @param ms the stall's own length
 */
export function sharesOf(before: OwnTime, after: OwnTime, ms: number): Shares {
  if (after.isOfProcess) return {};
  const ranMs = Math.min(ms, Math.max(0, after.ran - before.ran));
  const waited = difference(before.waited, after.waited);
  return { ranMs, waitedMs: waited && Math.min(ms - ranMs, Math.max(0, waited)) };
}

function difference(before: number | undefined, after: number | undefined): number | undefined {
  return before === undefined || after === undefined ? undefined : after - before;
}

/** Of another thread of the process, whose lock this one may wait for. The reading before may be up to a second old. */
function longestWait(before: ThreadTime, { waits }: ThreadTime): number {
  let longest = 0;
  for (const [id, ms] of waits ?? []) longest = Math.max(longest, ms - (before.waits?.get(id) ?? ms));
  return longest;
}

/** How long a virtual machine was given no processor. A thread that moved to another processor does not know. */
function withoutProcessor(before: ThreadTime, after: ThreadTime): number {
  return before.moves === after.moves ? Math.max(0, (after.behind ?? 0) - (before.behind ?? 0)) : 0;
}

/** Counts garbage collections as parts of a stall. The thread waits for the threads that collect beside it. */
export function addCollections(
  stall: Stall,
  collections: readonly Pick<PerformanceEntry, 'startTime' | 'duration'>[],
): void {
  let gcMs = 0;
  for (const { startTime, duration } of collections)
    gcMs += Math.max(0, Math.min(stall.end, startTime + duration) - Math.max(stall.start, startTime));
  if (gcMs === 0) return;
  stall.gcMs += gcMs;
  if (stall.kind === 'blocked' && stall.gcMs * 2 >= stall.ms) stall.kind = 'ran';
  amend(stall);
}

/** Adds a span to those of a stall. */
export function addTo(spans: Set<Span> | undefined, span: Span): void {
  if (spans !== undefined && spans.size < MOST_BESIDE) spans.add(span);
}

export function amend(stall: Stall): void {
  for (const each of stall.amend) each();
}

/** Writes to a span again when more becomes known. */
function amendLater(stall: Stall, write: () => void): void {
  if (stall.amend.length < MOST_AMENDED) stall.amend.push(write);
}

/**
 * Writes the stalls that overlap a span, between two readings of `performance.now()`, to the span that ends.
 *
 * @param stalls in the order of their ends
 */
export function writeStalls(span: Span, stalls: readonly Stall[], start: number, end: number): void {
  const overlapping: { readonly stall: Stall; readonly ms: number }[] = [];
  for (let at = stalls.length - 1; at >= 0; at--) {
    const stall = stalls[at];
    if (stall === undefined || stall.end < start) break;
    const ms = Math.min(stall.end, end) - Math.max(stall.start, start);
    if (ms >= LEAST_OVERLAP_MS || (stall.kind === 'suspended' && ms >= 0)) overlapping.push({ stall, ms });
  }
  if (overlapping.length === 0) return;
  span.setAttribute(ATTR_STALLED, rounded(overlapping.reduce((sum, { ms }) => sum + ms, 0)));
  const longest = overlapping.toSorted((a, b) => b.ms - a.ms).slice(0, MOST_EVENTS);
  for (const { stall } of longest.toSorted((a, b) => a.stall.start - b.stall.start)) {
    span.addEvent('stall', eventOf(stall, span), stall.start);
    const attributes = span.events.at(-1)?.attributes;
    if (attributes === undefined) continue; // a host's limit allows no events
    amendLater(stall, () => {
      for (const name of [ATTR_STALL_BESIDE, ATTR_STALL_REQUEST, `${ATTR_STALL_REQUEST}_path`])
        Reflect.deleteProperty(attributes, name);
      Object.assign(attributes, eventOf(stall, span));
    });
  }
}

/** A span is not beside itself. */
function eventOf(stall: Stall, span: Span): Attributes {
  const { kind, ms, ranMs, waitedMs, gcMs, beside } = stall;
  const [only, other] = beside;
  return {
    [ATTR_STALL_KIND]: kind,
    [ATTR_STALL_DURATION]: rounded(ms),
    ...(ranMs !== undefined && { [ATTR_STALL_RAN]: rounded(ranMs) }),
    ...(waitedMs !== undefined && { [ATTR_STALL_WAITED]: rounded(waitedMs) }),
    ...(gcMs > 0 && { [ATTR_STALL_GC]: rounded(gcMs) }),
    ...(only !== undefined && only !== span && other === undefined && { [ATTR_STALL_BESIDE]: only.name }),
    ...requestOf(ATTR_STALL_REQUEST, stall, span),
  };
}

/** The request that was the stall, for spans of others. @param attribute its name */
function requestOf(attribute: string, { within, ms }: Stall, span: Span): Attributes {
  const [only, other] = within;
  if (only === undefined || only === span || other !== undefined) return {};
  if (millisecondsOf(only.endTime) - millisecondsOf(only.startTime) < ms * LEAST_OF_STALL) return {};
  const { name, path } = requestName(only);
  return { [attribute]: name, ...(path !== '' && { [`${attribute}_path`]: path }) };
}

export function millisecondsOf([seconds, nanoseconds]: HrTime): number {
  return seconds * 1e3 + nanoseconds / 1e6;
}

/** The SERVER span of a request, and when its connection had its last answer; -Infinity of the first request. */
export interface Waiting {
  readonly span: Span;
  readonly answeredAt: number;
}

/**
 * Writes the stall that a request had waited for to its span, also after the span's end, until its export. A request whose
 * connection had an answer since the stall began was asked later.
 */
export function writeBefore({ span, answeredAt }: Waiting, stall: Stall): void {
  const { attributes } = span;
  const { ms } = stall; // it may go on after the span's start
  if (answeredAt >= stall.end - ms) return;
  const write = () => {
    const { kind, ranMs, waitedMs } = stall;
    attributes[ATTR_STALLED_BEFORE] = rounded(ms);
    attributes[ATTR_STALLED_BEFORE_KIND] = kind;
    if (ranMs !== undefined) attributes[ATTR_STALLED_BEFORE_RAN] = rounded(Math.min(ms, ranMs));
    if (waitedMs !== undefined) attributes[ATTR_STALLED_BEFORE_WAITED] = rounded(Math.min(ms, waitedMs));
    Object.assign(attributes, requestOf(ATTR_STALLED_BEFORE_REQUEST, stall, span));
  };
  write();
  amendLater(stall, write);
}
