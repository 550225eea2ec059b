import { findingKey } from '../../../core/traces/findings/finding.ts';
import { sentenceText } from '../../../core/traces/findings/sentence.ts';
import { routeName } from '../../../core/traces/findings/words.ts';
import { errorMessage } from '../../../core/traces/model/error-origins.ts';
import { alikeParts, messageParts, partsText } from '../../../core/traces/model/shapes.ts';
import type { TraceModel } from '../../../core/traces/model/trace-model.ts';
import { rfc3339 } from '../../../core/traces/read/rfc3339.ts';
import { getOrMake } from '../../../lib/get-or-make.ts';
import { mostOften } from '../../../lib/text/words.ts';
import type { TimeInterval } from '../../../lib/time/time-range.ts';
import { isPlain } from '../said.ts';
import type { Unit } from '../units.ts';
import { countUnits } from '../units.ts';
import { tellsMore } from './about.ts';
import { causeId, keyOfId, oldIdOf, REST } from './cause-key.ts';
import type { Kinds } from './known/sighted.ts';
import { addKind } from './known/sighted.ts';
import { inOrder } from './order.ts';
import type { Cause } from './schemas.ts';
import { ERROR, MOST_NAMED, SPARK } from './schemas.ts';
import type { Sighting } from './sightings.ts';
import { expectedIn, sightingsOf } from './sightings.ts';
import type { SeenIn, Sum } from './told/rests.ts';
import { byTime, othersText, victimsText, withRests } from './told/rests.ts';
import { unitsIn, unitsOf } from './told/units-in.ts';
import { causeOfKey, errorWords } from './words.ts';

/** A cause as one trace tells it: also its request, if that only waited for the one to blame. @see CauseTally.withSmall */
export type TracedCause = Cause & { readonly isSmall: boolean; readonly victim?: string };

/** Counts the causes of one trace after the other. */
export class CauseTally {
  readonly #sums = new Map<string, Sum>();
  /** The traces that were counted, and the ones with a finding of the rule. */
  traces = 0;
  withFinding = 0;
  /** The same, with each trace by its rate. */
  weighted = { traces: 0, withFinding: 0 };
  /** The ids of errors that some traces expect. */
  readonly expected = new Set<string>();
  /** How many requests, messages and jobs the traces have, by their rates. */
  readonly #units = new Map<Unit, number>();
  readonly #rule: string | undefined;

  /** @param rule only findings of this rule count */
  constructor(rule?: string) {
    this.#rule = rule;
  }

  /** @param left spans whose causes do not count */
  add(model: TraceModel, left: ReadonlySet<number> = new Set()): void {
    const weight = model.sampleRate ?? 1;
    this.traces += 1;
    this.weighted.traces += weight;
    for (const id of expectedIn(model)) this.expected.add(id);
    for (const unit of unitsIn(model)) this.#units.set(unit, weight + (this.#units.get(unit) ?? 0));
    const sightings = sightingsOf(model).filter(
      ({ key, finding, index }) =>
        !left.has(index) && (this.#rule === undefined || (finding?.rule ?? key.rule) === this.#rule),
    );
    if (sightings.some(({ finding }) => finding !== undefined && !finding.isSmall)) {
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
      victims: new Map<string, number>(),
      last: 0n,
      isOutside: true,
      isSmall: true,
      worst: { ...worst, model },
      kinds: new Map(),
    }));
    for (const sighting of own) addKind(sum.kinds, model, sighting);
    for (const { code } of own) if (code !== undefined) sum.lines.push(code.line);
    for (const { index, finding } of own) {
      if (finding?.culprit === undefined) continue;
      const name = routeName(model, index);
      sum.victims.set(name, (model.sampleRate ?? 1) + (sum.victims.get(name) ?? 0));
    }
    if (sum.key.rule === ERROR)
      for (const { index } of own) {
        const parts = messageParts(errorMessage(model, index));
        sum.message = sum.message === undefined ? parts : alikeParts(sum.message, parts);
        sum.names.add(routeName(model, index));
      }
    const times = own
      .map(({ index }) => model.start + BigInt(Math.round(model.offset[index] ?? 0)))
      .sort(byTime);
    sum.traces.set(this.traces, {
      traceId: model.traceId,
      weight: model.sampleRate ?? 1,
      units: unitsOf(
        model,
        own.map(({ index }) => index),
      ),
      isFailed: model.error[0] === 1,
      lost: own.reduce((all, sighting) => all + sighting.lost, 0),
      time: times[0] ?? 0n,
    });
    const last = times.at(-1) ?? 0n;
    if (last > sum.last) sum.last = last;
    for (const { finding } of own) if (finding) sum.rules.add(finding.rule);
    const route = { service: model.service(0), name: model.name(0) };
    sum.routes.set(JSON.stringify(route), route);
    sum.isOutside &&= own.every(({ finding }) => finding?.isOutside || finding?.isSmall);
    sum.isSmall &&= own.every(({ finding }) => finding?.isSmall);
    if (tellsMore(worst, sum.worst)) sum.worst = { ...worst, model };
  }

  has(id: string): boolean {
    if (this.#sums.get(id)?.isSmall === false) return true;
    const old = oldIdOf(id);
    return keyOfId(id).shape === REST && this.#whole().some(({ key }) => oldIdOf(causeId(key)) === old);
  }

  /** The causes that at least one trace has in full. */
  #whole(): readonly Sum[] {
    return [...this.#sums.values()].filter(({ isSmall }) => !isSmall);
  }

  /** The ids of the traces of each cause. */
  traceIds(): Map<string, readonly string[]> {
    const told = withRests(this.#whole());
    return new Map(
      told.map(({ key, traces }) => [causeId(key), [...traces.values()].map(({ traceId }) => traceId)]),
    );
  }

  /** What was seen of each cause, one of each kind, by its id. */
  kinds(): Map<string, Kinds> {
    return new Map(withRests(this.#whole()).map(({ key, kinds }) => [causeId(key), kinds]));
  }

  /**
   * The causes that were counted, in any order.
   * @param range of the sparks; from the first to the last sighting when left out
   * @param isPart whether others were not looked at: the ones that were are no fair sample, so that each counts once
   * @param messages of errors whose spans all have one message, by the cause's id
   */
  causes(range?: TimeInterval, isPart = false, messages: ReadonlyMap<string, string> = new Map()): Cause[] {
    return this.#described(withRests(this.#whole()), range, isPart, messages);
  }

  /** The causes of a trace among others: also those that only the others may have in full. */
  withSmall(): TracedCause[] {
    return this.#described(withRests([...this.#sums.values()])).map((cause) => {
      const { isSmall = false, worst, victims } = this.#sums.get(cause.id) ?? {};
      const [victim] = worst?.finding?.culprit === undefined ? [] : (victims?.keys() ?? []);
      return { ...cause, isSmall, ...(victim !== undefined && { victim }) };
    });
  }

  #described(
    sums: readonly Sum[],
    range?: TimeInterval,
    isPart = false,
    messages: ReadonlyMap<string, string> = new Map(),
  ): Cause[] {
    const all = sums.flatMap(({ traces }) => [...traces.values()].map(({ time }) => time)).sort(byTime);
    const { start, end } = range ?? { start: all[0] ?? 0n, end: (all.at(-1) ?? 0n) + 1n };
    return sums.map((sum) => this.#describe(sum, { start, end }, isPart, messages.get(causeId(sum.key))));
  }

  /** How many units have a cause, of all that were looked at. */
  #countsOf(traces: readonly SeenIn[]): Pick<Cause, 'counts'> {
    const { unit, count, seen } = countUnits(
      traces.flatMap(({ units, weight }) => Array.from(units.values(), (unit) => ({ unit, weight }))),
    );
    if (unit === 'trace') return {};
    return { counts: { unit, count, of: this.#units.get(unit) ?? count, ...(count > seen && { seen }) } };
  }

  #describe(
    { key, worst, isOutside, ...sum }: Sum,
    { start, end }: TimeInterval,
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
    const rest = sum.others === undefined ? '' : othersText(worst.key, sum.others);
    // Of a part nobody knows how many waited; and one that waited itself says for what.
    const others = isPart || finding?.culprit !== undefined ? rest : `${rest}${victimsText(sum.victims)}`;
    const { sentence, short, ...told } = causeOfKey(rest === '' ? key : worst.key);
    return {
      ...told,
      ...{ id: causeId(key), sentence: `${sentence}${rest}`, short: `${short}${rest}` },
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
      ...(!isPart && this.#countsOf(all)),
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
function agreedOf(
  { message: parts, names }: Pick<Sum, 'message' | 'names'>,
  isPart: boolean,
  message?: string,
) {
  const text = message ?? (isPart || parts === undefined ? '' : partsText(parts));
  const [name] = names;
  return { ...(text !== '' && { message: text }), ...(name && names.size === 1 && { name }) };
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

/**
 * The causes in some traces, also of traces outside the store: in a run's file, for example. Counts are about these traces.
 * @example causesOf(outlines.map((outline) => buildModel(outline)))
 */
export function causesOf(models: Iterable<TraceModel>): Cause[] {
  const tally = new CauseTally();
  for (const model of models) tally.add(model);
  return inOrder(tally.causes());
}

/** The causes of one trace of several. */
export function causesAmong(model: TraceModel): TracedCause[] {
  const tally = new CauseTally();
  tally.add(model);
  return tally.withSmall();
}
