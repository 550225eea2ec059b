import { PerformanceObserver } from 'node:perf_hooks';
import { isMainThread } from 'node:worker_threads';
import { SpanKind } from '@opentelemetry/api';
import { listenTo } from '../../common/channels.ts';
import { clearTimeout, monotonicNow, nodeTiming, setTimeout, systemNow } from '../../common/primordials.ts';
import { quietly } from '../../common/quietly.ts';
import { answer, calls, hear } from '../../road/http/call.ts';
import type { ClockAnchor } from '../../road/spans/clock.ts';
import { ANCHOR } from '../../road/spans/clock.ts';
import type { Span } from '../../road/spans/engine.ts';
import { isOneOpenSince, open } from '../../road/spans/open-spans.ts';
import type { SpanStep } from '../../road/spans/span-steps.ts';
import { lastAnswer } from './last-answer.ts';
import { RecentStalls } from './recent-stalls.ts';
import type { Shares, Stall, StallKind, Waiting } from './stall.ts';
import {
  addTo,
  amend,
  LATE_MS,
  MOST_BESIDE,
  millisecondsOf,
  sharesOf,
  stallKindOf,
  startOf,
  TICK_MS,
  writeBefore,
} from './stall.ts';
import type { Surroundings, ThreadTime } from './thread-time.ts';
import { closeOwnTime, ownTime, surroundings } from './thread-time.ts';
import type { Rest, Turns } from './turns.ts';
import { histogramOfTurns, longTurnSince, restAt, whenHadToWait } from './turns.ts';

/** Shorter stalls are not recorded, in milliseconds: a healthy server under load has turns of this length all the time. */
const LEAST_MS = 20;
/** Of more requests that begin in one turn, the rest is not told for what it had waited. */
const MOST_WAITING = 10_000;
/** A jump of the system clock against the monotonic clock, in milliseconds. Less is the work of a time server. */
const SUSPENDED_MS = 1_000;
/** Spans older than this, in milliseconds, need no ticks: those of SSE, or of a job. They are looked at once a second. */
const YOUNG_MS = 10_000;
const TICKS_PER_LOOK = 50;
/** After a rest of this length, in milliseconds, the loop has no event left that had waited for an earlier stall. */
const REST_MS = 1;
/** An older reading of the thread's time counts too much that was before, in milliseconds. */
const AGED_MS = 1_000;
/** The files of all threads are read this seldom, in milliseconds, and beside a stall. The own thread's is read each tick. */
const LOOK_AROUND_MS = 1_000;
/** A process that starts stands still while it loads its modules, which no request need know, in milliseconds. */
const START_MS = 1_000;

/**
 * Writes to spans how long their process stood still: an event `stall` for each stall that overlaps an open span,
 * `tandem.stalled_ms` with their sum, and to a SERVER span also `tandem.stalled_before_ms`, for which its request had waited.
 *
 * While spans are open, a timer ticks every 20 ms, and does not keep the process alive; a stall is seen by the late tick, or
 * earlier by a span that ends while the tick is late. Without open spans nothing ticks. Then a SERVER span that begins asks Node's
 * histogram of turns, where Node has it (24.21, 26), and else what the loop says of its idle time.
 *
 * The histogram alone does not do. It counts a wait for events as a turn when a signal ends the wait: an awaited child
 * process of 400 ms is a turn of 400 ms. And it does not say when the turn was.
 */
export class Stalls implements SpanStep {
  readonly #stalls = new RecentStalls();
  /** The stall that goes on, from the first look at it to the next tick. */
  #current: Stall | undefined;
  /** When the thread's time was last read for it. */
  #readAt = 0;
  /** The idle time of the loop at the end of the last stall. */
  #idle = 0;
  /** The last turn in which a span began, or a pool was asked: its number, when it was so first, and the first two spans, which a stall names. */
  #turn = -1;
  #turnAt = 0;
  #begun: Span[] = [];
  #timer: NodeJS.Timeout | undefined;
  #due = Number.POSITIVE_INFINITY;
  #ticks = 0;
  /** The turn in which the ticks began, and the SERVER spans that began before the ticks in it. */
  #startedIn = -1;
  #waiting: Waiting[] = [];
  #isClosed = false;
  /** The thread's time at the last tick; without ticks, the time of the work since. */
  #before = { ...ownTime(), at: monotonicNow() };
  /** What was beside the thread at the last look around, and at the first look at the stall that goes on. */
  #around = { ...surroundings(), at: monotonicNow() };
  #aroundCurrent: Surroundings | undefined;
  #systemOffset = systemNow() - monotonicNow();
  /** When the last work ended, and what the loop had done then; undefined while the process starts. */
  #idleSince = monotonicNow();
  #rest: Rest | undefined;
  #turns: Turns | undefined;
  #continuedAt = Number.NEGATIVE_INFINITY;
  readonly #stops: (() => void)[];

  constructor() {
    const collections = new PerformanceObserver((list) =>
      quietly(() => this.#stalls.addCollections(list.getEntries())),
    );
    collections.observe({ type: 'gc' });
    const started = setTimeout(() => {
      this.#turns = histogramOfTurns();
      this.#rest = restAt(monotonicNow());
    }, START_MS).unref();
    if (isMainThread) process.on('SIGCONT', this.#continued);
    this.#stops = [
      () => collections.disconnect(),
      () => clearTimeout(started),
      () => process.off('SIGCONT', this.#continued),
      answer('stalledFrom', (start, end) => this.#stalls.stalledFrom(start, end)),
      hear(calls.poolAsked, ({ since }) => void this.#noteTurn(since, nodeTiming.uvMetricsInfo.loopCount)),
      listenTo({
        'net.server.socket': () => this.#lookBefore(monotonicNow(), nodeTiming.uvMetricsInfo.loopCount),
      }),
    ];
  }

  onStart(span: Span): void {
    if (this.#isClosed) return;
    const at = monotonicNow();
    const { loopCount } = nodeTiming.uvMetricsInfo;
    if (span.kind === SpanKind.SERVER) this.#lookBefore(at, loopCount, { span, answeredAt: lastAnswer() });
    this.#noteTurn(at, loopCount);
    if (this.#begun.length < MOST_BESIDE) this.#begun.push(span);
    addTo(this.#current?.beside, span);
    if (this.#timer === undefined) this.#start(this.#begun.length === 1 ? this.#turnAt : at);
  }

  /** Notes the first look at a turn: where a span begins, or somebody asks a pool. */
  #noteTurn(at: number, loopCount: number): void {
    if (loopCount === this.#turn) return;
    this.#turn = loopCount;
    this.#turnAt = at;
    this.#begun = [];
  }

  onEnding(span: Span): void {
    const { [ANCHOR]: anchor } = span as { [ANCHOR]?: ClockAnchor };
    if (anchor === undefined) return;
    const end = millisecondsOf(span.endTime) - anchor;
    const start = millisecondsOf(span.startTime) - anchor;
    if (end - this.#due >= LATE_MS) {
      const stall = this.#lookAtEnd(monotonicNow());
      addTo(stall?.beside, span);
      const isLong = span.kind === SpanKind.SERVER && end - start >= LEAST_MS;
      if (isLong && this.#beganNow(span, start)) addTo(stall?.within, span);
    }
    if (this.#stalls.last !== undefined) this.#stalls.writeTo(span, start, end);
  }

  /** Whether a span began in the present turn. The first ones began a moment before the turn was looked at. */
  #beganNow(span: Span, start: number): boolean {
    if (nodeTiming.uvMetricsInfo.loopCount !== this.#turn) return false;
    return start >= this.#turnAt || this.#begun.includes(span);
  }

  async shutdown(): Promise<void> {
    this.#stop();
    this.#isClosed = true;
    for (const stop of this.#stops) stop();
    this.#turns?.disable();
    closeOwnTime();
  }

  #start(at: number): void {
    // The thread's time of the work since the last tick, which no span tells of, is not that of a stall.
    const { at: since, idle } = this.#rest ?? { at, idle: nodeTiming.idleTime };
    if (at - this.#before.at >= AGED_MS) {
      this.#before = { ...ownTime(), at };
      this.#around = { ...surroundings(), at };
    } else this.#before.ran += at - since - (nodeTiming.idleTime - idle);
    this.#before.at = at;
    this.#systemOffset = systemNow() - at;
    this.#startedIn = this.#turn;
    this.#due = at + TICK_MS;
    this.#timer = setTimeout(() => this.#tick(), TICK_MS).unref();
  }

  #tick(): void {
    const at = monotonicNow();
    this.#aroundCurrent = undefined;
    this.#look(at);
    if (this.#current !== undefined) {
      amend(this.#current);
      this.#current = undefined;
    }
    if (this.#aroundCurrent !== undefined || at - this.#around.at >= LOOK_AROUND_MS)
      this.#around = { ...(this.#aroundCurrent ?? surroundings()), at };
    this.#aroundCurrent = undefined;
    const offset = systemNow() - at;
    const ms = offset - this.#systemOffset;
    if (ms >= SUSPENDED_MS) this.#record({ start: at, end: at, ms, kind: 'suspended' });
    this.#systemOffset = offset;
    this.#before = { ...ownTime(), at };
    if (open.size > 0 && (++this.#ticks % TICKS_PER_LOOK !== 0 || isOneOpenSince(systemNow() - YOUNG_MS))) {
      this.#due = at + TICK_MS;
      this.#timer?.refresh();
    } else this.#stop();
  }

  #stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#due = Number.POSITIVE_INFINITY;
    this.#idleSince = monotonicNow();
    if (this.#rest !== undefined) this.#rest = restAt(this.#idleSince);
  }

  /** The stall that an ending span tells of. The thread's time is read once a tick, as a million spans may end in one turn. */
  #lookAtEnd(at: number): Stall | undefined {
    const stall = this.#current;
    if (stall === undefined || at - this.#readAt >= TICK_MS) return this.#look(at);
    this.#stalls.prolong(stall, at);
    return stall;
  }

  /** Records or prolongs the stall that a late tick means. */
  #look(at: number): Stall | undefined {
    if (at - this.#due < LATE_MS) return undefined;
    const isSeen = nodeTiming.uvMetricsInfo.loopCount === this.#turn;
    const start = this.#current?.start ?? startOf(this.#due, this.#turnAt, isSeen);
    if (at - start < LEAST_MS) return undefined;
    this.#current ??= this.#record({ start, end: at, ms: 0, kind: 'blocked' });
    const stall = this.#current;
    if (isSeen) for (const span of this.#begun) addTo(stall.beside, span);
    this.#stalls.prolong(stall, at);
    this.#readAt = at;
    this.#idle = nodeTiming.idleTime;
    this.#aroundCurrent ??= surroundings();
    const window = Math.max(stall.ms, at - this.#before.at);
    const after = { ...ownTime(), ...this.#aroundCurrent };
    Object.assign(stall, sharesOf(this.#before, after, stall.ms));
    stall.kind = this.#kindOf(start, { ...this.#before, ...this.#around }, after, window);
    return stall;
  }

  /**
   * Looks for the stall that ended just now, or goes on, before a SERVER span begins or a connection is accepted: where the
   * event had waited for the loop.
   */
  #lookBefore(at: number, turn: number, request?: Waiting): void {
    if (at - this.#due >= LATE_MS) this.#look(at);
    const { last } = this.#stalls;
    const isNear = last !== undefined && at - last.end < LEAST_MS;
    if (isNear && nodeTiming.idleTime - this.#idle < REST_MS) {
      const tell = () => request !== undefined && writeBefore(request, last);
      if (last === this.#current) tell();
      else whenHadToWait(tell);
    } else if (this.#timer === undefined) this.#lookBack(at, request);
    else if (this.#startedIn === turn && request !== undefined && this.#waiting.length < MOST_WAITING)
      this.#waiting.push(request);
  }

  /** Without ticks: the end of the longest turn are the events that had waited for it. */
  #lookBack(at: number, request: Waiting | undefined): void {
    this.#waiting = request === undefined ? [] : [request];
    const rest = this.#rest;
    if (rest === undefined) return;
    const turns = this.#turns;
    const active = turns === undefined ? longTurnSince(rest, at) : 0;
    if (turns !== undefined && turns.max >= LEAST_MS * 1e6) turns.reset(); // of an earlier turn
    const before = { ...this.#around, ...this.#before };
    whenHadToWait(() => {
      const since = monotonicNow() - at;
      const ms = turns === undefined ? active : turns.max / 1e6 - since;
      if (ms < LEAST_MS || this.#continuedAt >= at) return; // a stop is told already
      const after = { ...ownTime(), ...surroundings() };
      const kind = this.#kindOf(at - ms, before, after, ms);
      // The thread's time since the last tick is that of the stall alone where there was hardly other work.
      const worked = at - before.at - (nodeTiming.idleTime - rest.idle);
      const shares = worked - ms + since < LATE_MS ? sharesOf(before, after, ms) : {};
      const stall = this.#record({ start: at - ms, end: at, ms, kind, ...shares });
      for (const each of this.#waiting) writeBefore(each, stall);
    });
  }

  #kindOf(start: number, before: ThreadTime, after: ThreadTime, window: number): StallKind {
    return this.#continuedAt >= start ? 'stopped' : stallKindOf(before, after, window);
  }

  #record(found: Pick<Stall, 'start' | 'end' | 'ms' | 'kind'> & Shares): Stall {
    const stall: Stall = { ...found, gcMs: 0, beside: new Set(), within: new Set(), amend: [] };
    this.#stalls.add(stall);
    if (stall === this.#stalls.last) this.#idle = nodeTiming.idleTime;
    return stall;
  }

  /** Node tells of the signal in the turn after the stop. A process without work knows only since when it had none. */
  readonly #continued = (): void => {
    const at = monotonicNow();
    this.#continuedAt = at;
    const { last } = this.#stalls;
    const isNew = this.#startedIn === nodeTiming.uvMetricsInfo.loopCount;
    if (this.#timer === undefined || isNew) {
      const stall = this.#record({ start: at, end: at, ms: at - this.#idleSince, kind: 'stopped' });
      if (isNew) for (const each of this.#waiting) writeBefore(each, stall);
    } else if (last !== undefined && last !== this.#current && at - last.end < LEAST_MS) {
      last.kind = 'stopped';
      amend(last);
    }
  };
}
