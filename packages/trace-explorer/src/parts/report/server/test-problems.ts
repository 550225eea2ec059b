import type { Occurrence } from '../../../core/problems/occurrences.ts';
import { occurrencesOf } from '../../../core/problems/occurrences.ts';
import { categoryOf, isError, partsOfKey, problemId } from '../../../core/problems/problem-key.ts';
import type { Tally } from '../../../core/problems/tally.ts';
import type { UnitSpan } from '../../../core/problems/unit-spans.ts';
import { unitAt, wholesOf } from '../../../core/problems/unit-spans.ts';
import { isRequest } from '../../../core/traces/findings/facts.ts';
import { saysNothing } from '../../../core/traces/findings/words.ts';
import type { TraceModel } from '../../../core/traces/model/trace-model.ts';
import { OUTSIDE } from './operations.ts';

/**
 * The places of a trace's spans:
 *
 *     cart › adds          own: a test         counted as: itself
 *     ├─ SELECT users      owner: cart › adds  counted as: the test, whose own work it is
 *     └─ POST /orders      owner: cart › adds  counted as: itself
 *        └─ INSERT orders  owner: cart › adds  counted as: POST /orders
 */
interface Placed {
  /** The keys of the tests that spans belong to. */
  readonly owners: readonly string[];
  /** Of spans that are tests or suites themselves: what they are. */
  readonly own: readonly unknown[];
  /** Ids of spans that were open when the command was stopped. */
  readonly stopped: ReadonlySet<string>;
}

const CALLS: ReadonlySet<string> = new Set(['client', 'producer']);

/**
 * Counts the problems of a trace in its tests: of requests, of jobs that are no request, and of the work of a test alone. A failing
 * test is told as a test. Of its own work only errors count: not an answer of 4xx, which the test has asked for. Nothing counts of a
 * request that was open when the command was stopped.
 */
export function addProblems(
  tests: ReadonlyMap<string, { readonly tally: Tally }>,
  model: TraceModel,
  { owners, own, stopped }: Placed,
): void {
  const isCallAlone = CALLS.has(model.kind(0)) && wholesOf(model).every((whole) => !isRequest(model, whole));
  if (isCallAlone) {
    if (owners[0] === OUTSIDE && own[0] === undefined) addFailedCall(tests.get(OUTSIDE), model);
    return;
  }
  for (const occurrence of occurrencesOf(model)) {
    const { key, index } = occurrence;
    const about = categoryOf(key.rule);
    if (about === 'telemetry' || own[index] !== undefined) continue;
    const owner = owners[index] ?? OUTSIDE;
    const unit = unitIn(occurrence);
    if (unit === undefined && (owner === OUTSIDE || about !== 'errors' || isRefused(model, index))) continue;
    // Who stopped the command knows why it has no answer.
    if (unit !== undefined && stopped.has(unit.spanId)) continue;
    const counted = { ...occurrence, unit: unit ?? { ...occurrence.unit, ...OF_TEST } };
    tests.get(owner)?.tally.add(counted, tallyKey(counted));
  }

  /** What an occurrence is counted as: a request, or a job, which is neither a call nor a test; undefined without one. */
  function unitIn({ unit, index }: Occurrence): UnitSpan | undefined {
    return [unit, unitAt(model, index)].find(({ index: whole, isRequest }) => {
      const isJob = owners[index] === OUTSIDE && own[whole] === undefined && !CALLS.has(model.kind(whole));
      return isRequest || isJob;
    });
  }
}

/**
 * A call of a job without a span of its own that failed: of a timer, for example. Not one whose caller is stored elsewhere, nor an answer
 * of 4xx, nor a call that was open at the end.
 */
function addFailedCall(outside: { readonly tally: Tally } | undefined, model: TraceModel): void {
  if (isRefused(model, 0) || model.problem(0) === 'process_ended') return;
  if (model.missingParent(0) !== undefined || model.lost(0) !== undefined) return;
  for (const occurrence of occurrencesOf(model))
    if (isError(occurrence.key)) {
      const counted = { ...occurrence, unit: { ...occurrence.unit, unit: 'job' as const }, isAlone: true };
      outside?.tally.add(counted, tallyKey(counted));
    }
}

function isRefused(model: TraceModel, index: number): boolean {
  return /^4\d\d$/.test(model.statusCode(index) ?? '');
}

const OF_TEST = { unit: 'test', index: -1, route: '', isRequest: false } as const;

/** What tells the problems of a run apart. Where a name is a method alone, and nothing else tells what was asked, the path does. */
function tallyKey({ key, unit }: Occurrence): string {
  const isTold = partsOfKey(key).shape !== '';
  return saysNothing(key.name) && !isTold ? `${problemId(key)} ${unit.route}` : problemId(key);
}
