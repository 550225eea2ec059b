import type { TraceModel } from '../../../../core/traces/model/trace-model.ts';

/** Equal siblings, one after the other, for which one row stands until it is opened. */
export interface ClosedRun {
  readonly indexes: readonly number[];
  /** The index after the last span below the last sibling. */
  readonly end: number;
  /** Nanoseconds of all siblings together, and of the longest. */
  readonly together: number;
  readonly longest: number;
}

export interface Runs {
  readonly byFirst: ReadonlyMap<number, ClosedRun>;
  /** The first span of each sibling's run. */
  readonly firstOf: ReadonlyMap<number, number>;
}

/** Fewer siblings are quickly read. */
const FEWEST = 4;

const NONE: Runs = { byFirst: new Map(), firstOf: new Map() };

/**
 * Runs of siblings with the same service, name and kind. A span with an error in it or below it, or with an oddity, is not
 * among them, because a person looks for it. Attempts of one message are one run, failed or not: a finding tells of them. Of two
 * compared traces every span is shown.
 */
export function runsOf(model: TraceModel): Runs {
  if (model.comparison !== undefined) return NONE;
  const byFirst = new Map<number, ClosedRun>();
  const firstOf = new Map<number, number>();
  const isEqual = (a: number, b: number) =>
    model.name(a) === model.name(b) &&
    model.service(a) === model.service(b) &&
    model.kind(a) === model.kind(b);
  const isAttempt = (a: number, b: number) => model.message(a) > 0 && model.message(a) === model.message(b);
  for (let first = 0; first < model.count; first++) {
    const above = model.parent[first] ?? -1;
    if (above < 0 || firstOf.has(first)) continue;
    const isFirstPlain = isPlain(model, first);
    const fits = (at: number) =>
      isEqual(first, at) && (isAttempt(first, at) || (isFirstPlain && isPlain(model, at)));
    const until = model.end[above] ?? 0;
    const indexes = [first];
    let end = model.end[first] ?? first + 1;
    while (end < until && fits(end)) {
      indexes.push(end);
      end = model.end[end] ?? end + 1;
    }
    const [, second = -1] = indexes;
    if (second < 0 || (indexes.length < FEWEST && !isAttempt(first, second))) continue;
    const lengths = indexes.map((index) => model.length[index] ?? 0);
    const together = lengths.reduce((sum, length) => sum + length, 0);
    const longest = lengths.reduce((most, length) => Math.max(most, length), 0);
    byFirst.set(first, { indexes, end, together, longest });
    for (const index of indexes) firstOf.set(index, first);
  }
  return { byFirst, firstOf };
}

function isPlain(model: TraceModel, index: number): boolean {
  return model.errorsWithin[index] === 0 && model.marks(index).every((mark) => mark === 'clock_adjusted');
}
