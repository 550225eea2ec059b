import type { Span } from '../../road/spans/engine.ts';
import type { Stall } from './stall.ts';
import { addCollections, LATE_MS, writeStalls } from './stall.ts';

const MOST_STALLS = 256;
/** So many of the last stalls can still change: garbage collections are known two turns later. */
const AMENDABLE = 8;

/** The last stalls of a process, in the order of their ends. */
export class RecentStalls {
  readonly #stalls: Stall[] = [];

  /** The stall that ended last, or goes on. */
  get last(): Stall | undefined {
    return this.#stalls.at(-1);
  }

  /** Adds a stall, which may have ended before others that are known: some are told a turn later. */
  add(stall: Stall): void {
    const before = this.#stalls.findLastIndex(({ end }) => end <= stall.end);
    this.#stalls.splice(before + 1, 0, stall);
    if (this.#stalls.length > MOST_STALLS) this.#stalls.shift();
    const old = this.#stalls.at(-AMENDABLE - 1);
    if (old !== undefined) old.amend.length = 0;
  }

  /** Lets a stall end later, at the present time. */
  prolong(stall: Stall, end: number): void {
    stall.end = end;
    stall.ms = end - stall.start;
    if (stall === this.last) return;
    this.#stalls.splice(this.#stalls.indexOf(stall), 1);
    this.#stalls.push(stall);
  }

  /** Counts garbage collections as parts of the stalls in which they were. */
  addCollections(collections: readonly Pick<PerformanceEntry, 'startTime' | 'duration'>[]): void {
    for (const stall of this.#stalls.slice(-AMENDABLE)) addCollections(stall, collections);
  }

  /** See `Calls`. When a stall began is known to half a tick. */
  stalledFrom(start: number, end: number): number {
    for (let at = this.#stalls.length - 1; at >= 0; at--) {
      const stall = this.#stalls[at];
      if (stall === undefined || stall.end <= start) break;
      if (stall.start <= start + LATE_MS) return Math.min(stall.end, end) - Math.max(stall.start, start);
    }
    return 0;
  }

  /** Writes the stalls that overlap a span, between two readings of `performance.now()`, to the span that ends. */
  writeTo(span: Span, start: number, end: number): void {
    writeStalls(span, this.#stalls, start, end);
  }
}
