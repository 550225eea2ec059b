import type { ReadOptions, SpanStore } from '../../../core/store/store.ts';
import type { Inspection } from './inspection.ts';
import { inspect } from './inspection.ts';
import type { Question } from './schemas.ts';

/** Inspections to keep, the newest. */
const MOST = 8;
/** Seconds that a range moves on between the list of causes and one of them. */
const MOST_MOVED_S = 60;

/** The newest inspections in memory. A cause, its traces, and whether it is known come from the one that told of it. */
export class Inspections {
  readonly #store: SpanStore;
  #entries: { readonly question: Question; readonly inspection: Promise<Inspection> }[] = [];

  constructor(store: SpanStore) {
    this.#store = store;
  }

  /** Inspects a range now, and keeps the inspection. */
  make(question: Question, options: ReadOptions): Promise<Inspection> {
    const inspection = inspect(this.#store, question, options);
    const entry = { question, inspection };
    this.#entries = [entry, ...this.#entries].slice(0, MOST);
    inspection.catch(() => {
      this.#entries = this.#entries.filter((other) => other !== entry);
    });
    return inspection;
  }

  /** The newest inspection of a question, whose range may have moved on by a little; a new one where none is kept. */
  async find(question: Question, options: ReadOptions): Promise<Inspection> {
    const entry = this.#entries.find((other) => isSame(other.question, question));
    // The request that made it may have ended before its answer.
    return (await entry?.inspection.catch(() => undefined)) ?? this.make(question, options);
  }
}

function isSame(a: Question, b: Question): boolean {
  const most = Math.min(MOST_MOVED_S, Number(a.end - a.start) / 1e9 / 10);
  const isNear = (x: bigint, y: bigint) => Math.abs(Number(x - y)) / 1e9 <= most;
  const isEqual = (['service', 'name', 'rule', 'seconds', 'traces'] as const).every(
    (key) => a[key] === b[key],
  );
  return isEqual && isNear(a.start, b.start) && isNear(a.end, b.end);
}
