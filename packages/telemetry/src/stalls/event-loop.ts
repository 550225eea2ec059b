import { monitorEventLoopDelay, PerformanceObserver, performance } from 'node:perf_hooks';
import { isMainThread } from 'node:worker_threads';
import { quietly } from '../api/quietly.ts';
import type { Span } from '../sdk/engine.ts';
import type { ThreadClock, ThreadTime } from './thread-time.ts';
import { openThreadClock } from './thread-time.ts';

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

/** Node's histogram of the loop's turns. */
type Turns = ReturnType<typeof monitorEventLoopDelay>;

/** Shorter stalls are not recorded, in milliseconds: a healthy server under load has turns of this length all the time. */
export const LEAST_MS = 20;
const TICK_MS = 20;
/** A tick this late means a stall: it began between two ticks, on average in the middle. */
const LATE_MS = TICK_MS / 2;
/** A jump of the system clock against the monotonic clock, in milliseconds. Less is the work of a time server. */
const SUSPENDED_MS = 1_000;
const MOST_STALLS = 256;
/** So many of the last stalls can still change: garbage collections are known two turns later. */
const AMENDABLE = 8;
/** Reading the thread's time takes a microsecond, and is not repeated within this time, in milliseconds. */
const FRESH_MS = 5;
/** A process that starts stands still while it loads its modules, which no request need know, in milliseconds. */
const START_MS = 1_000;

// An app may replace the clocks for its tests.
const now = performance.now.bind(performance);
const { now: systemNow } = Date;
const { setTimeout: startTimer, clearTimeout: stopTimer, setImmediate: soon } = globalThis;
const { nodeTiming } = performance;

/**
 * Finds the stalls of this thread's event loop. While spans are open, a timer ticks every 20 ms, and does not keep the
 * process alive; a stall is seen by the late tick, or earlier by a span that ends while the tick is
 * late. Without work nothing ticks: then the longest turn comes from Node's histogram of turns, where Node has it (24.21, 26),
 * and else from what the loop says of its idle time.
 *
 * The histogram alone does not do. It counts a wait for events as a turn when a signal ends the wait: an awaited child
 * process of 400 ms is a turn of 400 ms. And it does not say when the turn was.
 */
export class EventLoop {
  /** The last stalls, the oldest first. */
  readonly stalls: Stall[] = [];
  readonly #isBusy: () => boolean;
  readonly #tellStopped: (span: Span, ms: number) => void;
  readonly #clock: ThreadClock = openThreadClock();
  #turns: Turns | undefined;
  readonly #collections = new PerformanceObserver((list) =>
    quietly(() => this.#addCollections(list.getEntries())),
  );
  /** The turn of the last look: its number, the first look, and the spans that began in it. */
  #turn = -1;
  #turnAt = 0;
  #begun: Span[] = [];
  #timer: NodeJS.Timeout | undefined;
  #due = Number.POSITIVE_INFINITY;
  /** The turn in which the ticks began. */
  #startedIn = -1;
  /** Who wants to know of a stall before the work that began in this turn. */
  #waiting: ((stall: Stall) => void)[] = [];
  /** The stall that goes on, from the first look at it to the next tick. */
  #current: Stall | undefined;
  #before: ThreadTime & { readonly at: number };
  #systemOffset = systemNow() - now();
  /** What the loop had done when the last work ended; undefined while the process starts. */
  #rest: ReturnType<typeof restAt> | undefined;
  readonly #started = startTimer(() => this.#lookFromNow(), START_MS).unref();
  #continuedAt = Number.NEGATIVE_INFINITY;

  /**
   * @param isBusy whether ticks are worth it: asked at each
   * @param tellStopped called for spans that began as a process without work went on after a stop, at most `ms` long
   */
  constructor(isBusy: () => boolean, tellStopped: (span: Span, ms: number) => void) {
    this.#isBusy = isBusy;
    this.#tellStopped = tellStopped;
    this.#before = { ...this.#clock.read(), at: now() };
    this.#collections.observe({ type: 'gc' });
    if (isMainThread) process.on('SIGCONT', this.#continued);
  }

  /** A span begins. */
  begin(span: Span): void {
    const { loopCount } = nodeTiming.uvMetricsInfo;
    if (loopCount !== this.#turn) this.#enter(loopCount, now());
    this.#begun.push(span);
    addBeside(this.#current, span);
    if (this.#timer === undefined) this.#start(this.#begun.length === 1 ? this.#turnAt : now());
  }

  /**
   * Tells of the stall that ended just now, or goes on, before work that begins: where its event had waited for the loop, which
   * libuv counts once it has told of the event. Called before `begin`, and before a connection is accepted.
   */
  tellBefore(tell: (stall: Stall) => void): void {
    const at = now();
    this.#look(at);
    const last = this.stalls.at(-1);
    const isRecent = last !== undefined && at - last.end < LEAST_MS;
    if (isRecent && last === this.#current) tell(last);
    else if (isRecent) whenHadToWait(() => tell(last));
    else if (this.#timer === undefined) this.#lookBack(at, tell);
    else if (this.#startedIn === nodeTiming.uvMetricsInfo.loopCount) this.#waiting.push(tell);
  }

  /** A span ends. @param at a reading of `performance.now()`, not later than now */
  end(span: Span, at: number): void {
    addBeside(this.#look(at), span);
    const { loopCount } = nodeTiming.uvMetricsInfo;
    if (loopCount !== this.#turn) this.#enter(loopCount, at);
  }

  close(): void {
    this.#stop();
    stopTimer(this.#started);
    this.#turns?.disable();
    this.#collections.disconnect();
    process.off('SIGCONT', this.#continued);
    this.#clock.close();
  }

  #stop(): void {
    stopTimer(this.#timer);
    this.#timer = undefined;
    this.#due = Number.POSITIVE_INFINITY;
    if (this.#rest !== undefined) this.#rest = restAt(now());
  }

  #lookFromNow(): void {
    this.#turns = histogramOfTurns();
    this.#rest = restAt(now());
  }

  #enter(turn: number, at: number): void {
    this.#turn = turn;
    this.#turnAt = at;
    this.#begun = [];
  }

  #start(at: number): void {
    if (at - this.#before.at > FRESH_MS) this.#before = { ...this.#clock.read(), at };
    this.#systemOffset = systemNow() - at;
    this.#startedIn = this.#turn;
    this.#due = at + TICK_MS;
    this.#timer = startTimer(() => this.#tick(), TICK_MS).unref();
  }

  #tick(): void {
    const at = now();
    this.#look(at);
    this.#finish();
    const offset = systemNow() - at;
    const ms = offset - this.#systemOffset;
    if (ms >= SUSPENDED_MS) this.#record({ start: at, end: at, ms, kind: 'suspended' });
    this.#systemOffset = offset;
    this.#before = { ...this.#clock.read(), at };
    if (this.#isBusy()) {
      this.#due = at + TICK_MS;
      this.#timer?.refresh();
    } else this.#stop();
  }

  /** Records or prolongs the stall that a late tick means. */
  #look(at: number): Stall | undefined {
    if (at - this.#due < LATE_MS) return undefined;
    const isSeen = nodeTiming.uvMetricsInfo.loopCount === this.#turn;
    const start = this.#current?.start ?? this.#startOf(isSeen);
    if (at - start < LEAST_MS) return undefined;
    this.#current ??= this.#record({ start, end: at, ms: 0, kind: 'blocked' });
    const stall = this.#current;
    if (isSeen) for (const span of this.#begun) addBeside(stall, span);
    stall.end = at;
    stall.ms = at - stall.start;
    const spent = since(this.#before, this.#clock.read());
    stall.kind = this.#kindOf(stall.start, Math.max(stall.ms, at - this.#before.at), spent);
    return stall;
  }

  /** Exact where a span began or ended in the stalled turn, before the tick was due. */
  #startOf(isSeen: boolean): number {
    const last = this.#due - TICK_MS;
    if (this.#turnAt > this.#due || this.#turnAt < last) return this.#due - LATE_MS;
    return isSeen ? this.#turnAt : (this.#turnAt + this.#due) / 2;
  }

  #finish(): void {
    if (this.#current === undefined) return;
    for (const amend of this.#current.amend) amend();
    this.#current = undefined;
    // The histogram gets the turn after its end, and shall not tell of it again.
    soon(() => this.#turns?.reset()).unref();
  }

  /** Looks for a stall without ticks: the turn whose end are the events that had waited for it. */
  #lookBack(at: number, tell: (stall: Stall) => void): void {
    const rest = this.#rest;
    if (rest === undefined) return;
    const turns = this.#turns;
    const all = turns === undefined ? turnSince(rest, at) : 0;
    if (turns !== undefined && turns.max >= LEAST_MS * 1e6) turns.reset(); // of an earlier turn
    const time = this.#clock.read();
    const spent = since(this.#before, time);
    this.#before = { ...time, at };
    this.#waiting = [tell];
    whenHadToWait(() => {
      const ms = turns === undefined ? all : turns.max / 1e6 - (now() - at);
      if (ms < LEAST_MS) return;
      const stall = this.#record({ start: at - ms, end: at, ms, kind: this.#kindOf(at - ms, ms, spent) });
      for (const each of this.#waiting) each(stall);
    });
  }

  /** @param window the milliseconds in which the thread's time was measured */
  #kindOf(start: number, window: number, { ran, waited }: ThreadTime): StallKind {
    if (this.#continuedAt >= start) return 'stopped';
    if (ran * 2 >= window) return 'ran';
    // A call that waits takes hardly any processor time. Where the wait for a processor is not told, the code is not blamed.
    const isStarved = waited === undefined ? ran * 10 >= window : waited >= window - ran - waited;
    return isStarved ? 'waited_for_processor' : 'blocked';
  }

  #record(found: Pick<Stall, 'start' | 'end' | 'ms' | 'kind'>): Stall {
    const stall: Stall = { ...found, gcMs: 0, beside: new Set(), amend: [] };
    this.stalls.push(stall);
    if (this.stalls.length > MOST_STALLS) this.stalls.shift();
    const old = this.stalls.at(-AMENDABLE - 1);
    if (old !== undefined) old.amend.length = 0;
    return stall;
  }

  /** Node tells of the signal after the stop, in the next turn. */
  readonly #continued = (): void => {
    this.#continuedAt = now();
    const last = this.stalls.at(-1);
    if (last !== undefined && last !== this.#current && this.#continuedAt - last.end < LEAST_MS) {
      last.kind = 'stopped';
      for (const amend of last.amend) amend();
      return;
    }
    if (this.#rest === undefined || this.#startedIn !== nodeTiming.uvMetricsInfo.loopCount) return;
    for (const span of this.#begun) this.#tellStopped(span, this.#turnAt - this.#rest.at);
  };

  #addCollections(entries: readonly { readonly startTime: number; readonly duration: number }[]): void {
    for (const { startTime, duration } of entries) {
      for (const stall of this.stalls.slice(-AMENDABLE)) {
        const ms = Math.min(stall.end, startTime + duration) - Math.max(stall.start, startTime);
        if (ms <= 0) continue;
        stall.gcMs += ms;
        // The thread waits for the threads that collect beside it.
        if (stall.kind === 'blocked' && stall.gcMs * 2 >= stall.ms) stall.kind = 'ran';
        for (const amend of stall.amend) amend();
      }
    }
  }
}

function addBeside(stall: Stall | undefined, span: Span): void {
  if (stall !== undefined && stall.beside.size < 2) stall.beside.add(span);
}

/** Undefined on a Node that takes samples by a timer alone, whose wake-ups are not worth it. */
function histogramOfTurns(): Turns | undefined {
  try {
    monitorEventLoopDelay({ samplePerIteration: 'unknown' } as object);
    return undefined;
  } catch {
    const turns = monitorEventLoopDelay({ samplePerIteration: true } as object); // refused another type: knows the option
    turns.enable();
    return turns;
  }
}

/** Calls `then` after the events of this turn, if they had waited for the loop: the loop had not to wait for them. */
function whenHadToWait(then: () => void): void {
  const { eventsWaiting } = nodeTiming.uvMetricsInfo;
  soon(() => {
    if (nodeTiming.uvMetricsInfo.eventsWaiting > eventsWaiting) then();
  }).unref();
}

function since(before: ThreadTime, { ran, waited }: ThreadTime): ThreadTime {
  return { ran: ran - before.ran, waited: waited === undefined ? undefined : waited - (before.waited ?? 0) };
}

/** What the loop had done when work ended. */
function restAt(at: number) {
  const { loopCount, eventsWaiting } = nodeTiming.uvMetricsInfo;
  return { at, idle: nodeTiming.idleTime, loopCount, eventsWaiting };
}

/** Turns that took this long on average hold a long one: else the time is that of many. */
const LONG_ON_AVERAGE_MS = 10;

/** The milliseconds of a long turn since a rest; 0 when there may have been none. */
function turnSince({ at: since, idle, loopCount }: ReturnType<typeof restAt>, at: number): number {
  const ms = at - since - (nodeTiming.idleTime - idle);
  return ms / (nodeTiming.uvMetricsInfo.loopCount - loopCount) >= LONG_ON_AVERAGE_MS ? ms : 0;
}
