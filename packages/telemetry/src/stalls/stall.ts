import type { Attributes } from '@opentelemetry/api';
import type { Span } from '../sdk/engine.ts';
import type { ThreadTime } from './thread-time.ts';

/**
 * Why the event loop did not turn: the thread ran, or was ready and waited for a processor, or the process was stopped by
 * a signal, or the machine was suspended. The rest is a synchronous call that waits, such as `execSync`.
 */
export type StallKind = 'ran' | 'waited_for_processor' | 'stopped' | 'suspended' | 'blocked';

/** A time in which the event loop did not turn. Times are readings of `performance.now()`. */
export interface Stall {
  readonly start: number;
  end: number;
  /** Milliseconds; of a suspended machine by the system clock, because the other clock stood still. */
  ms: number;
  kind: StallKind;
  /** Milliseconds of garbage collection. */
  gcMs: number;
  /** The spans that began in the stalled turn of the loop, or ended at its end; of many, the first two. */
  readonly beside: Set<Span>;
  /** Write to spans what has become known since. */
  readonly amend: (() => void)[];
}

/** The most events of a span; the rest is in the sum only. */
const MOST_EVENTS = 8;
/** A shorter overlap is not worth an event, in milliseconds. */
const LEAST_OVERLAP_MS = 1;
const BESIDE = 'tandem.stall.beside';

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
export function kindOf(before: ThreadTime, after: ThreadTime, window: number): StallKind {
  const ran = after.ran - before.ran;
  // Where the system does not tell: a call that waits takes hardly any processor time.
  const waited =
    after.waited === undefined
      ? ran * 10 >= window
        ? window - ran
        : 0
      : after.waited - (before.waited ?? 0);
  if (ran * 2 >= window && (ran >= LEAST_RUN_MS || ran >= waited * 4)) return 'ran';
  const isStarved =
    waited >= window * STARVED_SHARE ||
    (waited + longestWait(before, after) + withoutProcessor(before, after)) * 2 >= window;
  return isStarved ? 'waited_for_processor' : 'blocked';
}

/** Of another thread of the process, whose lock this one may wait for. */
function longestWait(before: ThreadTime, { waits }: ThreadTime): number {
  let longest = 0;
  for (const [id, ms] of waits ?? []) longest = Math.max(longest, ms - (before.waits?.get(id) ?? ms));
  return longest;
}

/** How long a virtual machine was given no processor. A thread that moved to another processor does not know. */
function withoutProcessor(before: ThreadTime, after: ThreadTime): number {
  return before.moves === after.moves ? Math.max(0, (after.behind ?? 0) - (before.behind ?? 0)) : 0;
}

/** Counts a garbage collection as part of a stall. The thread waits for the threads that collect beside it. */
export function addCollection(stall: Stall, startTime: number, duration: number): void {
  const ms = Math.min(stall.end, startTime + duration) - Math.max(stall.start, startTime);
  if (ms <= 0) return;
  stall.gcMs += ms;
  if (stall.kind === 'blocked' && stall.gcMs * 2 >= stall.ms) stall.kind = 'ran';
  amend(stall);
}

export function amend(stall: Stall): void {
  for (const each of stall.amend) each();
}

/** Writes the stalls that overlap a span, between two readings of `performance.now()`, to the span that ends. */
export function writeStalls(span: Span, stalls: readonly Stall[], start: number, end: number): void {
  const overlapping = stalls
    .map((stall) => ({ stall, ms: Math.min(stall.end, end) - Math.max(stall.start, start) }))
    .filter(({ stall, ms }) => ms >= LEAST_OVERLAP_MS || (stall.kind === 'suspended' && ms >= 0));
  if (overlapping.length === 0) return;
  span.setAttribute('tandem.stalled_ms', rounded(overlapping.reduce((sum, { ms }) => sum + ms, 0)));
  const longest = overlapping.toSorted((a, b) => b.ms - a.ms).slice(0, MOST_EVENTS);
  for (const { stall } of longest.toSorted((a, b) => a.stall.start - b.stall.start)) {
    span.addEvent('stall', eventOf(stall, span), stall.start);
    const attributes = span.events.at(-1)?.attributes;
    if (attributes === undefined) continue; // a host's limit allows no events
    stall.amend.push(() => {
      Reflect.deleteProperty(attributes, BESIDE);
      Object.assign(attributes, eventOf(stall, span));
    });
  }
}

/** A span is not beside itself. */
function eventOf({ kind, ms, gcMs, beside }: Stall, span: Span): Attributes {
  const [only, other] = beside;
  return {
    'tandem.stall.kind': kind,
    'tandem.stall.duration_ms': rounded(ms),
    ...(gcMs > 0 && { 'tandem.stall.gc_ms': rounded(gcMs) }),
    ...(only !== undefined && only !== span && other === undefined && { [BESIDE]: only.name }),
  };
}

/** Writes the stall that a SERVER span's request had waited for, also after the span's end, until its export. */
export function writeBefore({ attributes }: Span, stall: Stall): void {
  const { ms } = stall; // it may go on after the span's start
  const write = () => {
    attributes['tandem.stalled_before_ms'] = rounded(ms);
    attributes['tandem.stalled_before.kind'] = stall.kind;
  };
  write();
  stall.amend.push(write);
}

function rounded(ms: number): number {
  return Math.round(ms * 10) / 10;
}
