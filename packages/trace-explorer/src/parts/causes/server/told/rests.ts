import type { TraceModel } from '../../../../core/traces/model/trace-model.ts';
import { formatCount, plural, quoted } from '../../../../lib/text/words.ts';
import type { Unit } from '../../units.ts';
import type { CauseKey } from '../cause-key.ts';
import { causeId, oldIdOf, REST } from '../cause-key.ts';
import type { Kinds } from '../known/sighted.ts';
import type { Sighting } from '../sightings.ts';

/** What a cause is in one trace. */
export interface SeenIn {
  readonly traceId: string;
  /** How many traces it stands for. */
  readonly weight: number;
  /** The requests, messages and jobs that have it, by their spans. */
  readonly units: ReadonlyMap<number, Unit>;
  readonly isFailed: boolean;
  readonly lost: number;
  /** When it began. */
  readonly time: bigint;
}

/** The traces of a cause, summed up. */
export interface Sum {
  readonly key: CauseKey;
  readonly rules: Set<string>;
  readonly routes: Map<string, { readonly service: string; readonly name: string }>;
  /** By the number of the trace. */
  readonly traces: Map<number, SeenIn>;
  /** The lines of its sightings. */
  readonly lines: string[];
  /** Of errors: what all messages say, in parts, and the names of the failed spans, of requests with their paths. */
  message?: readonly string[];
  readonly names: Set<string>;
  /** The requests that waited for the one to blame: by their names, how many, by their rates. */
  readonly victims: Map<string, number>;
  last: bigint;
  /** Whether in no trace a process could have done anything. */
  isOutside: boolean;
  /** Whether no trace has it in full. */
  isSmall: boolean;
  /** The trace in which the cause cost most. */
  worst: Sighting & { readonly model: TraceModel };
  /** What was seen of it, one of each kind. */
  readonly kinds: Kinds;
  /** Of the rest of many causes: the others of them. */
  readonly others?: number;
}

/** Causes that differ only in their statements, paths or callers: so many are told, and the others are one. */
const MOST_ALIKE = 5;

/** Causes that are alike: the costliest, and the others, which are told as one. */
interface Alike<T> {
  readonly own: readonly T[];
  readonly rest: readonly T[];
}

/** Causes in groups that differ only in their statements, paths or callers. @param all the costliest first */
export function alikeOf<T>(all: readonly T[], idOf: (cause: T) => string): readonly Alike<T>[] {
  return [...Map.groupBy(all, (cause) => oldIdOf(idOf(cause))).values()].map((alike) => {
    const most = alike.length <= MOST_ALIKE + 1 ? alike.length : MOST_ALIKE;
    return { own: alike.slice(0, most), rest: alike.slice(most) };
  });
}

/** The sums, with those of many alike as one: the costliest stay. */
export function withRests(sums: readonly Sum[]): Sum[] {
  const lostOf = ({ traces }: Sum) =>
    [...traces.values()].reduce((sum, { lost, weight }) => sum + lost * weight, 0);
  const ordered = sums.toSorted((a, b) => lostOf(b) - lostOf(a) || b.traces.size - a.traces.size);
  return alikeOf(ordered, ({ key }) => causeId(key)).flatMap(({ own, rest }) =>
    rest.length === 0 ? own : [...own, restOf(rest)],
  );
}

/** Several causes as one, which says the first. */
function restOf(sums: readonly Sum[]): Sum {
  const traces = new Map<number, SeenIn>();
  for (const [at, seen] of sums.flatMap((sum) => [...sum.traces])) {
    const known = traces.get(at);
    const time = known !== undefined && known.time < seen.time ? known.time : seen.time;
    const units = new Map([...seen.units, ...(known?.units ?? [])]);
    traces.set(at, { ...seen, units, lost: seen.lost + (known?.lost ?? 0), time });
  }
  const [first] = sums;
  if (first === undefined) throw new RangeError('a rest of no causes');
  return {
    key: { ...first.key, shape: REST, caller: '' },
    rules: new Set(sums.flatMap(({ rules }) => [...rules])),
    routes: new Map(sums.flatMap(({ routes }) => [...routes])),
    traces,
    lines: sums.flatMap(({ lines }) => lines),
    names: new Set(),
    victims: new Map(),
    last:
      sums
        .map(({ last }) => last)
        .toSorted(byTime)
        .at(-1) ?? 0n,
    isOutside: sums.every(({ isOutside }) => isOutside),
    isSmall: sums.every(({ isSmall }) => isSmall),
    worst: first.worst,
    kinds: new Map(sums.flatMap(({ kinds }) => [...kinds])),
    others: sums.length - 1,
  };
}

/** `, and 17 more statements`: what the other causes of a rest are about. */
export function othersText({ shape }: Pick<CauseKey, 'shape'>, others: number): string {
  const what = shape === '' ? 'place' : shape.startsWith('/') ? 'path' : 'statement';
  return `, and ${formatCount(others)} more ${plural(others, what)}`;
}

/** `; 18 GET /me/:id waited for it`, `; 21 other requests waited for it`: how many waited for the request that is to blame. */
export function victimsText(victims: ReadonlyMap<string, number>): string {
  const all = [...victims.values()].reduce((sum, count) => sum + count, 0);
  const [name = ''] = victims.keys();
  const requests = victims.size === 1 ? quoted(name) : plural(all, 'other request');
  return all === 0 ? '' : `; ${formatCount(all)} ${requests} waited for it`;
}

/** Whether a time is before another one, for sorting. */
export function byTime(a: bigint, b: bigint): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
