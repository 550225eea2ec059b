import { getOrMake } from '../../../core/shared/get-or-make.ts';
import type { Nanoseconds } from '../../../core/shared/time-range.ts';
import type { Finding } from '../../../core/traces/findings/finding.ts';
import { findingKey } from '../../../core/traces/findings/finding.ts';
import { findingsOf } from '../../../core/traces/findings/rules.ts';
import { sentenceText } from '../../../core/traces/findings/sentence.ts';
import { messageShape } from '../../../core/traces/model/message-shape.ts';
import { mostOften } from '../../../core/traces/model/most-often.ts';
import { toolOf } from '../../../core/traces/model/tool-of.ts';
import type { TraceModel } from '../../../core/traces/model/trace-model.ts';
import { rfc3339 } from '../../../core/traces/read/rfc3339.ts';
import { aboutOf } from './about.ts';
import type { CauseKey } from './cause-key.ts';
import { causeId, keyAt } from './cause-key.ts';
import { causeMessage, originsOf } from './origins.ts';
import type { Cause } from './schemas.ts';
import { ERROR, MOST_NAMED, SPARK } from './schemas.ts';
import { causeOfKey } from './words.ts';

interface Sighting {
  readonly key: CauseKey;
  readonly index: number;
  readonly lost: number;
  readonly finding?: Finding;
}

/** The traces of a cause, summed up. */
interface Seen {
  readonly key: CauseKey;
  readonly rules: Set<string>;
  readonly routes: Map<string, { readonly service: string; readonly name: string }>;
  readonly traceIds: string[];
  /** The lines of its spans. */
  readonly lines: string[];
  /** When it was first seen in each trace. */
  readonly times: bigint[];
  last: bigint;
  traces: number;
  failed: number;
  lost: number;
  /** The trace in which the cause cost most. */
  worst: Sighting & { readonly model: TraceModel };
}

/** Looks at one trace after the other, and counts the causes that it sees. */
export class Looking {
  readonly #seen = new Map<string, Seen>();
  /** The traces that were looked at, and the traces with a finding of the rule. */
  traces = 0;
  found = 0;
  readonly #rule: string | undefined;

  /** @param rule only findings of this rule count */
  constructor(rule?: string) {
    this.#rule = rule;
  }

  look(model: TraceModel): void {
    this.traces += 1;
    const sightings = sightingsOf(model).filter(({ key, finding }) =>
      this.#rule === undefined ? true : (finding?.rule ?? key.rule) === this.#rule,
    );
    if (sightings.some(({ finding }) => finding !== undefined)) this.found += 1;
    const byId = Map.groupBy(sightings, ({ key }) => causeId(key));
    for (const [id, own] of byId) this.#count(id, own, model);
  }

  #count(id: string, own: readonly Sighting[], model: TraceModel): void {
    const [first] = own;
    if (first === undefined) return;
    const worst = own.reduce((a, b) => (b.lost > a.lost || (!a.finding && b.finding) ? b : a));
    const seen = getOrMake(this.#seen, id, () => ({
      key: first.key,
      rules: new Set<string>(),
      routes: new Map(),
      traceIds: [],
      lines: [],
      times: [],
      last: 0n,
      traces: 0,
      failed: 0,
      lost: 0,
      worst: { ...worst, model },
    }));
    const weight = model.sampleRate ?? 1;
    const lost = own.reduce((sum, each) => sum + each.lost, 0);
    seen.traces += weight;
    seen.failed += model.error[0] === 1 ? weight : 0;
    seen.lost += lost * weight;
    seen.traceIds.push(model.traceId);
    for (const { index, finding } of own) {
      if (finding?.isOutside) continue;
      const line = (finding?.rule === first.key.rule ? finding.line : undefined) ?? model.line(index);
      if (line !== undefined) seen.lines.push(line);
    }
    const times = own
      .map(({ index }) => model.start + BigInt(Math.round(model.offset[index] ?? 0)))
      .sort(byTime);
    seen.times.push(times[0] ?? 0n);
    const last = times.at(-1) ?? 0n;
    if (last > seen.last) seen.last = last;
    for (const { finding } of own) if (finding) seen.rules.add(finding.rule);
    const route = { service: model.service(0), name: model.name(0) };
    seen.routes.set(JSON.stringify(route), route);
    const saysMore = worst.finding !== undefined && seen.worst.finding === undefined;
    if (worst.lost > seen.worst.lost || saysMore) seen.worst = { ...worst, model };
  }

  /** The ids of a cause's traces. */
  traceIds(id: string): readonly string[] {
    return this.#seen.get(id)?.traceIds ?? [];
  }

  /**
   * The causes that were seen, in any order.
   * @param range of the sparks; from the first to the last sighting when left out
   */
  causes(range?: Nanoseconds): Cause[] {
    const all = [...this.#seen.values()].flatMap(({ times }) => times).sort(byTime);
    const { start, end } = range ?? { start: all[0] ?? 0n, end: (all.at(-1) ?? 0n) + 1n };
    return [...this.#seen.values()].map((seen) => this.#describe(seen, start, end));
  }

  #describe({ key, worst, times, ...seen }: Seen, start: bigint, end: bigint): Cause {
    const { model, index, finding } = worst;
    const line = mostOften(seen.lines);
    return {
      ...causeOfKey(key),
      rules: [...seen.rules].sort(),
      ...(finding && {
        example: finding.sentence,
        short_example: sentenceText(finding.parts, key.service),
        advice: finding.advice,
      }),
      ...(finding?.isOutside && { outside: true }),
      ...(line !== undefined && { line }),
      counted: 'looked',
      traces: seen.traces,
      of: this.traces,
      failed: seen.failed,
      lost_ms: seen.lost / 1e6,
      first: rfc3339(times.toSorted(byTime)[0] ?? 0n),
      last: rfc3339(seen.last),
      spark: sparkOf(times, start, end),
      routes: [...seen.routes.values()].slice(0, MOST_NAMED),
      routes_total: seen.routes.size,
      versions: [],
      trace_id: model.traceId,
      span_id: model.spanId(index),
      ...(finding && { finding: findingKey(model, finding) }),
    };
  }
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
  const looking = new Looking();
  for (const model of models) looking.look(model);
  return inOrder(looking.causes());
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
export function placesIn(model: TraceModel, id: string): readonly number[] {
  return sightingsOf(model).flatMap(({ key, index }) => (causeId(key) === id ? [index] : []));
}

const sightings = new WeakMap<TraceModel, readonly Sighting[]>();

/** The errors and findings of a trace, each at the span that is to blame: looked for once. */
function sightingsOf(model: TraceModel): readonly Sighting[] {
  return getOrMake(sightings, model, () => lookFor(model));
}

function lookFor(model: TraceModel): readonly Sighting[] {
  const origins = originsOf(model).map(({ index, says }) => {
    const type = model.exceptionType(index) ?? '';
    const message = says ? messageShape(causeMessage(model, index)) : (model.statusCode(index) ?? '');
    const place = { ...placeOf(model, index), target: toolOf(model, index) ?? '' };
    return { index, key: keyAt(ERROR, place, { type, message }) };
  });
  const errors: Sighting[] = origins.map((origin) => ({ ...origin, lost: 0 }));
  const found = findingsOf(model).flatMap((finding): Sighting[] => {
    const lost = finding.cost;
    // A finding about an error belongs to the error's cause.
    const related =
      aboutOf(finding.rule) === 'errors'
        ? origins.filter(({ index }) => isRelated(model, index, finding))
        : [];
    if (related.length > 0)
      return related.map((origin, at) => ({
        ...origin,
        lost: at === 0 && finding.rule !== 'failed-request' ? lost : 0,
        finding,
      }));
    const index = blamed(model, finding);
    // A model's call takes what it takes.
    if (finding.rule === 'slow-call' && model.isGenerative(index)) return [];
    const [host = ''] = (model.target(index) ?? '').split('/', 1);
    const place = { ...placeOf(model, index), target: host || (toolOf(model, index) ?? '') };
    return [{ key: keyAt(finding.rule, place), index, lost, finding }];
  });
  return [...errors, ...found];
}

/** Whether an error began at a span of the finding, or below it, or passed it on its way up. */
function isRelated(model: TraceModel, origin: number, { indexes }: Finding): boolean {
  const isWithin = (inner: number, outer: number) => inner >= outer && inner < (model.end[outer] ?? 0);
  return indexes.some((index) => isWithin(origin, index) || isWithin(index, origin));
}

/** The span that is to blame: of calls one after the other, the caller. */
function blamed(model: TraceModel, { rule, indexes }: Finding): number {
  const [first = 0] = indexes;
  return rule === 'sequential-calls' ? Math.max(0, model.parent[first] ?? 0) : first;
}

function placeOf(model: TraceModel, index: number) {
  return { service: model.service(index), name: model.name(index), kind: model.kind(index) };
}
