import { getOrMake } from '../../../core/shared/get-or-make.ts';
import type { Nanoseconds } from '../../../core/shared/time-range.ts';
import { mostOften } from '../../../core/shared/words.ts';
import type { Finding } from '../../../core/traces/findings/finding.ts';
import { findingKey } from '../../../core/traces/findings/finding.ts';
import { findingsOf } from '../../../core/traces/findings/rules.ts';
import { sentenceText } from '../../../core/traces/findings/sentence.ts';
import { errorMessage, originsOf } from '../../../core/traces/model/error-origins.ts';
import { messageShape } from '../../../core/traces/model/message-shape.ts';
import { toolOf } from '../../../core/traces/model/tool-of.ts';
import type { TraceModel } from '../../../core/traces/model/trace-model.ts';
import { rfc3339 } from '../../../core/traces/read/rfc3339.ts';
import { aboutOf, tellsMore } from './about.ts';
import type { CauseKey } from './cause-key.ts';
import { causeId, keyAt } from './cause-key.ts';
import type { Cause } from './schemas.ts';
import { ERROR, MOST_NAMED } from './schemas.ts';
import { sparkOf } from './spark.ts';
import { causeOfKey } from './words.ts';

/** A cause in a trace, at the span that is to blame. */
interface Sighting {
  readonly key: CauseKey;
  readonly index: number;
  readonly lost: number;
  /** The line of code to look at, and its function. */
  readonly code?: { readonly line: string; readonly called: string | undefined } | undefined;
  readonly finding?: Finding;
}

interface Totals {
  traces: number;
  failed: number;
  lost: number;
}

/** The traces of a cause, summed up. */
interface Sum {
  readonly key: CauseKey;
  readonly rules: Set<string>;
  readonly routes: Map<string, { readonly service: string; readonly name: string }>;
  readonly traceIds: string[];
  /** The lines of its sightings. */
  readonly lines: string[];
  /** When it began in each trace. */
  readonly times: bigint[];
  last: bigint;
  /** By their rates, and each once. */
  readonly all: Totals;
  readonly seen: Totals;
  /** Whether in no trace a process could have done anything. */
  isOutside: boolean;
  /** The trace in which the cause cost most. */
  worst: Sighting & { readonly model: TraceModel };
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
      traceIds: [],
      lines: [],
      times: [],
      last: 0n,
      all: { traces: 0, failed: 0, lost: 0 },
      seen: { traces: 0, failed: 0, lost: 0 },
      isOutside: true,
      worst: { ...worst, model },
    }));
    const weight = model.sampleRate ?? 1;
    const lost = own.reduce((all, sighting) => all + sighting.lost, 0);
    for (const [totals, count] of [
      [sum.all, weight],
      [sum.seen, 1],
    ] as const) {
      totals.traces += count;
      totals.failed += model.error[0] === 1 ? count : 0;
      totals.lost += lost * count;
    }
    sum.traceIds.push(model.traceId);
    for (const { code } of own) if (code !== undefined) sum.lines.push(code.line);
    const times = own
      .map(({ index }) => model.start + BigInt(Math.round(model.offset[index] ?? 0)))
      .sort(byTime);
    sum.times.push(times[0] ?? 0n);
    const last = times.at(-1) ?? 0n;
    if (last > sum.last) sum.last = last;
    for (const { finding } of own) if (finding) sum.rules.add(finding.rule);
    const route = { service: model.service(0), name: model.name(0) };
    sum.routes.set(JSON.stringify(route), route);
    sum.isOutside &&= own.every(({ finding }) => finding?.isOutside);
    if (tellsMore(worst, sum.worst)) sum.worst = { ...worst, model };
  }

  has(id: string): boolean {
    return this.#sums.has(id);
  }

  /** The ids of the traces of each cause. */
  traceIds(): Map<string, readonly string[]> {
    return new Map([...this.#sums].map(([id, { traceIds }]) => [id, traceIds]));
  }

  /**
   * The causes that were counted, in any order.
   * @param range of the sparks; from the first to the last sighting when left out
   * @param isPart whether others were not looked at: the ones that were are no fair sample, so that each counts once
   */
  causes(range?: Nanoseconds, isPart = false): Cause[] {
    const sums = [...this.#sums.values()];
    const all = sums.flatMap(({ times }) => times).sort(byTime);
    const { start, end } = range ?? { start: all[0] ?? 0n, end: (all.at(-1) ?? 0n) + 1n };
    return sums.map((sum) => this.#describe(sum, start, end, isPart));
  }

  #describe(
    { key, worst, times, isOutside, ...sum }: Sum,
    start: bigint,
    end: bigint,
    isPart: boolean,
  ): Cause {
    const { model, index, finding } = worst;
    const line = mostOften(sum.lines);
    const { traces, failed, lost } = isPart ? sum.seen : sum.all;
    const { traces: seen } = sum.seen;
    return {
      ...causeOfKey(key),
      rules: [...sum.rules].sort(),
      ...(finding && {
        example: finding.sentence,
        short_example: sentenceText(finding.parts, key.service),
        advice: finding.advice,
      }),
      ...(isOutside && { outside: true }),
      ...(line !== undefined && { line }),
      counted: 'looked',
      traces,
      of: this.traces,
      ...(!isPart && this.weighted.traces > this.traces && { of_estimated: this.weighted.traces }),
      ...(traces > seen && { estimated: true, seen }),
      failed,
      lost_ms: lost / 1e6,
      first: rfc3339(times.toSorted(byTime)[0] ?? 0n),
      last: rfc3339(sum.last),
      spark: sparkOf(times, start, end),
      routes: [...sum.routes.values()].slice(0, MOST_NAMED),
      routes_total: sum.routes.size,
      versions: [],
      trace_id: model.traceId,
      span_id: model.spanId(index),
      ...(finding && { finding: findingKey(model, finding) }),
    };
  }
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

/** Milliseconds of lost time that weigh as much as a failed request. */
const AS_A_FAILURE_MS = 1000;

/** New causes come first; then causes with the most failed requests and lost time. */
export function inOrder(causes: readonly Cause[]): Cause[] {
  const weight = ({ failed, lost_ms }: Cause) => failed + lost_ms / AS_A_FAILURE_MS;
  return causes.toSorted(
    (a, b) =>
      Number(b.new === true) - Number(a.new === true) ||
      weight(b) - weight(a) ||
      b.traces - a.traces ||
      (a.last < b.last ? 1 : a.last > b.last ? -1 : a.id < b.id ? -1 : 1),
  );
}

/** The spans of a trace that are to blame for a cause. */
export function placesIn(model: TraceModel, id: string): readonly Pick<Sighting, 'index' | 'code'>[] {
  return sightingsOf(model).filter(({ key }) => causeId(key) === id);
}

const sightings = new WeakMap<TraceModel, readonly Sighting[]>();

/** The errors and findings of a trace, each at the span that is to blame: worked out once. */
function sightingsOf(model: TraceModel): readonly Sighting[] {
  return getOrMake(sightings, model, () => workOut(model));
}

function workOut(model: TraceModel): readonly Sighting[] {
  const origins = originsOf(model).map(({ index, isSaid }) => {
    const type = model.exceptionType(index) ?? '';
    const message = isSaid ? messageShape(errorMessage(model, index)) : (model.statusCode(index) ?? '');
    const place = { ...placeOf(model, index), target: toolOf(model, index) ?? '' };
    return { index, key: keyAt(ERROR, place, { type, message }) };
  });
  const codes = new Map(origins.map(({ index }) => [index, codeAt(model, model.line(index), [index])]));
  const findings = findingsOf(model).flatMap((finding): Sighting[] => {
    const lost = finding.cost;
    const code = codeAt(model, finding.line, finding.indexes);
    // A finding about an error belongs to the error's cause.
    const related =
      aboutOf(finding.rule) === 'errors'
        ? origins.filter(({ index }) => isRelated(model, index, finding))
        : [];
    if (related.length > 0)
      return related.map((origin, at) => {
        // A request that says what its calls did not say may have the line of its route: theirs tells more.
        const isBelow = finding.indexes.some((index) => isWithin(model, origin.index, index));
        if (!isBelow && !isThrown(model, origin.index) && code) codes.set(origin.index, code);
        const isFirst = at === 0 && finding.rule !== 'failed-request';
        return { ...origin, lost: isFirst ? lost : 0, finding };
      });
    const index = blamed(model, finding);
    // A model's call takes what it takes.
    if (finding.rule === 'slow-call' && model.isGenerative(index)) return [];
    const [host = ''] = (model.target(index) ?? '').split('/', 1);
    const place = { ...placeOf(model, index), target: host || (toolOf(model, index) ?? '') };
    return [{ key: keyAt(finding.rule, place), index, lost, code, finding }];
  });
  const errors = origins.map((origin): Sighting => ({ ...origin, lost: 0, code: codes.get(origin.index) }));
  return [...errors, ...findings];
}

/** @param indexes the spans of which some may have the line */
function codeAt(model: TraceModel, line: string | undefined, indexes: readonly number[]): Sighting['code'] {
  if (line === undefined) return undefined;
  const at = indexes.find((index) => model.line(index) === line) ?? -1;
  return { line, called: model.function(at) };
}

/** Whether the line of a span is where its exception was thrown. */
function isThrown(model: TraceModel, index: number): boolean {
  const [line = '', frame = ''] = [model.line(index), model.frame(index)];
  const at = line === '' ? -1 : frame.indexOf(line);
  return at >= 0 && !/^\d/.test(frame.slice(at + line.length));
}

/** Whether an error began at a span of the finding, or below it, or passed it on its way up. */
function isRelated(model: TraceModel, origin: number, { indexes }: Finding): boolean {
  return indexes.some((index) => isWithin(model, origin, index) || isWithin(model, index, origin));
}

/** Whether a span is another one, or below it. */
function isWithin(model: TraceModel, inner: number, outer: number): boolean {
  return inner >= outer && inner < (model.end[outer] ?? 0);
}

/** The span that is to blame: of calls one after the other, the caller. */
function blamed(model: TraceModel, { rule, indexes }: Finding): number {
  const [first = 0] = indexes;
  return rule === 'sequential-calls' ? Math.max(0, model.parent[first] ?? 0) : first;
}

function placeOf(model: TraceModel, index: number) {
  return { service: model.service(index), name: model.name(index), kind: model.kind(index) };
}
