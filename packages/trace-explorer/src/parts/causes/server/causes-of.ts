import { getOrMake } from '../../../core/shared/get-or-make.ts';
import type { Nanoseconds } from '../../../core/shared/time-range.ts';
import { formatCount, mostOften, plural } from '../../../core/shared/words.ts';
import { findingKey } from '../../../core/traces/findings/finding.ts';
import { sentenceText } from '../../../core/traces/findings/sentence.ts';
import { saysNothing } from '../../../core/traces/findings/words.ts';
import { errorMessage } from '../../../core/traces/model/error-origins.ts';
import { alikeParts, messageParts, partsText, shapedName } from '../../../core/traces/model/shapes.ts';
import type { TraceModel } from '../../../core/traces/model/trace-model.ts';
import { rfc3339 } from '../../../core/traces/read/rfc3339.ts';
import { tellsMore } from './about.ts';
import type { CauseKey } from './cause-key.ts';
import { causeId, keyOfId, oldIdOf, REST } from './cause-key.ts';
import { inOrder } from './order.ts';
import { isPlain } from './said.ts';
import type { Cause } from './schemas.ts';
import { ERROR, MOST_NAMED, SPARK } from './schemas.ts';
import type { Sighting } from './sightings.ts';
import { sightingsOf } from './sightings.ts';
import { causeOfKey, errorWords } from './words.ts';

/** What a cause is in one trace. */
interface SeenIn {
  readonly traceId: string;
  /** How many traces it stands for. */
  readonly weight: number;
  readonly isFailed: boolean;
  readonly lost: number;
  /** When it began. */
  readonly time: bigint;
}

/** The traces of a cause, summed up. */
interface Sum {
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
  last: bigint;
  /** Whether in no trace a process could have done anything. */
  isOutside: boolean;
  /** The trace in which the cause cost most. */
  worst: Sighting & { readonly model: TraceModel };
  /** Of the rest of many causes: the others of them. */
  readonly others?: number;
}

/** Counts the causes of one trace after the other. */
export class CauseTally {
  readonly #sums = new Map<string, Sum>();
  /** The traces that were counted, and the ones with a finding of the rule. */
  traces = 0;
  withFinding = 0;
  /** The same, with each trace by its rate. */
  weighted = { traces: 0, withFinding: 0 };
  readonly #rule: string | undefined;

  /** @param rule only findings of this rule count */
  constructor(rule?: string) {
    this.#rule = rule;
  }

  add(model: TraceModel): void {
    const weight = model.sampleRate ?? 1;
    this.traces += 1;
    this.weighted.traces += weight;
    const sightings = sightingsOf(model).filter(({ key, finding }) =>
      this.#rule === undefined ? true : (finding?.rule ?? key.rule) === this.#rule,
    );
    if (sightings.some(({ finding }) => finding !== undefined)) {
      this.withFinding += 1;
      this.weighted.withFinding += weight;
    }
    const byId = Map.groupBy(sightings, ({ key }) => causeId(key));
    for (const [id, own] of byId) this.#count(id, own, model);
  }

  #count(id: string, own: readonly Sighting[], model: TraceModel): void {
    const [first] = own;
    if (first === undefined) return;
    const worst = own.reduce((a, b) => (tellsMore(b, a) ? b : a));
    const sum = getOrMake(this.#sums, id, () => ({
      key: first.key,
      rules: new Set<string>(),
      routes: new Map(),
      traces: new Map(),
      lines: [],
      names: new Set<string>(),
      last: 0n,
      isOutside: true,
      worst: { ...worst, model },
    }));
    for (const { code } of own) if (code !== undefined) sum.lines.push(code.line);
    if (sum.key.rule === ERROR)
      for (const { index } of own) {
        const parts = messageParts(errorMessage(model, index));
        sum.message = sum.message === undefined ? parts : alikeParts(sum.message, parts);
        sum.names.add(requestName(model, index));
      }
    const times = own
      .map(({ index }) => model.start + BigInt(Math.round(model.offset[index] ?? 0)))
      .sort(byTime);
    sum.traces.set(this.traces, {
      traceId: model.traceId,
      weight: model.sampleRate ?? 1,
      isFailed: model.error[0] === 1,
      lost: own.reduce((all, sighting) => all + sighting.lost, 0),
      time: times[0] ?? 0n,
    });
    const last = times.at(-1) ?? 0n;
    if (last > sum.last) sum.last = last;
    for (const { finding } of own) if (finding) sum.rules.add(finding.rule);
    const route = { service: model.service(0), name: model.name(0) };
    sum.routes.set(JSON.stringify(route), route);
    sum.isOutside &&= own.every(({ finding }) => finding?.isOutside);
    if (tellsMore(worst, sum.worst)) sum.worst = { ...worst, model };
  }

  has(id: string): boolean {
    if (this.#sums.has(id)) return true;
    const old = oldIdOf(id);
    return keyOfId(id).shape === REST && [...this.#sums.keys()].some((other) => oldIdOf(other) === old);
  }

  /** The ids of the traces of each cause. */
  traceIds(): Map<string, readonly string[]> {
    const told = withRests([...this.#sums.values()]);
    return new Map(
      told.map(({ key, traces }) => [causeId(key), [...traces.values()].map(({ traceId }) => traceId)]),
    );
  }

  /**
   * The causes that were counted, in any order.
   * @param range of the sparks; from the first to the last sighting when left out
   * @param isPart whether others were not looked at: the ones that were are no fair sample, so that each counts once
   * @param messages of errors whose spans all have one message, by the cause's id
   */
  causes(range?: Nanoseconds, isPart = false, messages: ReadonlyMap<string, string> = new Map()): Cause[] {
    const sums = withRests([...this.#sums.values()]);
    const all = sums.flatMap(({ traces }) => [...traces.values()].map(({ time }) => time)).sort(byTime);
    const { start, end } = range ?? { start: all[0] ?? 0n, end: (all.at(-1) ?? 0n) + 1n };
    return sums.map((sum) => this.#describe(sum, { start, end }, isPart, messages.get(causeId(sum.key))));
  }

  #describe(
    { key, worst, isOutside, ...sum }: Sum,
    { start, end }: Nanoseconds,
    isPart: boolean,
    message: string | undefined,
  ): Cause {
    const { model, index, finding } = worst;
    const shown = finding && { finding: findingKey(model, finding) };
    const line = worst.code?.line ?? mostOften(sum.lines);
    const all = [...sum.traces.values()];
    const times = all.map(({ time }) => time);
    const [seen, weightOf] = [all.length, ({ weight }: SeenIn) => (isPart ? 1 : weight)];
    const total = (of: (each: SeenIn) => number) =>
      all.reduce((sum, each) => sum + of(each) * weightOf(each), 0);
    const traces = total(() => 1);
    const others = sum.others === undefined ? '' : othersText(worst.key, sum.others);
    const { sentence, short, ...told } = causeOfKey(others === '' ? key : worst.key);
    return {
      ...told,
      ...{ id: causeId(key), sentence: `${sentence}${others}`, short: `${short}${others}` },
      rules: [...sum.rules].sort(),
      ...(isPlain({ rule: key.rule, ...shown })
        ? errorWords(key, agreedOf(sum, isPart, message))
        : finding && {
            example: `${finding.sentence}${others}`,
            short_example: `${sentenceText(finding.parts, key.service)}${others}`,
          }),
      ...(finding && { advice: finding.advice }),
      ...(isOutside && { outside: true }),
      ...(finding?.isVague && { vague: true }),
      ...(line !== undefined && { line }),
      counted: 'looked',
      traces,
      of: this.traces,
      ...(!isPart && this.weighted.traces > this.traces && { of_estimated: this.weighted.traces }),
      ...(traces > seen && { estimated: true, seen }),
      failed: total(({ isFailed }) => Number(isFailed)),
      lost_ms: total(({ lost }) => lost) / 1e6,
      first: rfc3339(times.toSorted(byTime)[0] ?? 0n),
      last: rfc3339(sum.last),
      spark: sparkOf(times, start, end),
      routes: [...sum.routes.values()].slice(0, MOST_NAMED),
      routes_total: sum.routes.size,
      versions: [],
      trace_id: model.traceId,
      span_id: model.spanId(index),
      ...shown,
    };
  }
}

/** What all sightings of an error agree on. Of a part of them it is not known, and their shape is said. @param message of all spans */
function agreedOf({ message: parts, names }: Pick<Sum, 'message' | 'names'>, isPart: boolean, message?: string) {
  const text = message ?? (isPart || parts === undefined ? '' : partsText(parts));
  const [name] = names;
  return { ...(text !== '' && { message: text }), ...(name && names.size === 1 && { name }) };
}

/** The name of a span; of a request without a route with its path: a server of node:http calls all of them `GET`. */
function requestName(model: TraceModel, index: number): string {
  const name = model.name(index);
  return model.kind(index) === 'server' && saysNothing(name) ? shapedName(name, model.shape(index)) : name;
}

/** Causes that differ only in their statements, paths or callers: so many are told, and the others are one. */
const MOST_ALIKE = 5;

/** The sums, with those of many alike as one: the costliest stay. */
function withRests(sums: readonly Sum[]): Sum[] {
  const lostOf = ({ traces }: Sum) =>
    [...traces.values()].reduce((sum, { lost, weight }) => sum + lost * weight, 0);
  const byOldId = Map.groupBy(sums, ({ key }) => oldIdOf(causeId(key)));
  return [...byOldId.values()].flatMap((alike) => {
    if (alike.length <= MOST_ALIKE + 1) return alike;
    const ordered = alike.toSorted((a, b) => lostOf(b) - lostOf(a) || b.traces.size - a.traces.size);
    return [...ordered.slice(0, MOST_ALIKE), restOf(ordered.slice(MOST_ALIKE))];
  });
}

/** Several causes as one, which says the first. */
function restOf(sums: readonly Sum[]): Sum {
  const traces = new Map<number, SeenIn>();
  for (const [at, seen] of sums.flatMap((sum) => [...sum.traces])) {
    const known = traces.get(at);
    const time = known !== undefined && known.time < seen.time ? known.time : seen.time;
    traces.set(at, { ...seen, lost: seen.lost + (known?.lost ?? 0), time });
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
    last:
      sums
        .map(({ last }) => last)
        .toSorted(byTime)
        .at(-1) ?? 0n,
    isOutside: sums.every(({ isOutside }) => isOutside),
    worst: first.worst,
    others: sums.length - 1,
  };
}

/** `, and 17 more statements`: what the other causes of a rest are about. */
function othersText({ shape }: CauseKey, others: number): string {
  const what = shape === '' ? 'place' : shape.startsWith('/') ? 'path' : 'statement';
  return `, and ${formatCount(others)} more ${plural(others, what)}`;
}

/** How many times lie in each part of a range. */
export function sparkOf(times: Iterable<bigint>, start: bigint, end: bigint): number[] {
  const spark = new Array<number>(SPARK).fill(0);
  const length = end > start ? end - start : 1n;
  for (const time of times) {
    const at = Number(((time - start) * BigInt(SPARK)) / length);
    if (spark[at] !== undefined) spark[at] += 1;
  }
  return spark;
}

function byTime(a: bigint, b: bigint): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/**
 * The causes in some traces, also of traces outside the store: in a run's file, for example. Counts are about these traces.
 * @example causesOf(outlines.map((outline) => buildModel(outline)))
 */
export function causesOf(models: Iterable<TraceModel>): Cause[] {
  const tally = new CauseTally();
  for (const model of models) tally.add(model);
  return inOrder(tally.causes());
}
