import type { SightingDraft } from '../../../core/problems/fingerprint.ts';
import { ERROR, GROWING_QUEUE } from '../../../core/problems/problem-key.ts';
import type { Cause, Causes } from '../../../core/problems/schemas.ts';
import { inOrder } from '../../../core/problems/worse.ts';
import type { ReadOptions, SpanStore } from '../../../core/store/store.ts';
import { placeIn } from '../../../core/traces/model/code-place.ts';
import { spansInRange } from '../../../core/traces/read/spans-in-range.ts';
import { counted, listed, quoted } from '../../../lib/text/words.ts';
import type { TimeInterval } from '../../../lib/time/time-range.ts';
import { epochSeconds } from '../../../lib/time/time-range.ts';
import { readAgentErrors } from './agent-errors.ts';
import { chooseTraces } from './choose-traces.ts';
import { readGrowingQueues } from './growing-queues.ts';
import { markNew } from './new-causes.ts';
import { readErrorCauses, readSlowPlaces } from './read-places.ts';
import type { ExactCause, Question } from './schemas.ts';
import { inspectTraces, SECONDS } from './whole-traces.ts';

/** Spans of a trace of which only a cause tells. */
const USUAL_SPANS = 100;
/** Causes of an answer. */
export const MOST = 200;

/** What is wrong in a range: all causes in their order, and the whole traces that were inspected for them. */
export interface Inspection extends Omit<Causes, 'more'> {
  /** The traces of causes that only whole traces show, and of growing queues. */
  traceIds(id: string): readonly string[];
  /** The sightings of each cause in these traces, by the cause's id. */
  readonly sightings: ReadonlyMap<string, readonly SightingDraft[]>;
}

/**
 * What is wrong in a range: the entry of this room. `causesOf` of `tally.ts` says the same of traces in memory, which need
 * not be stored.
 *
 * Errors, slow calls and growing queues are counted over all spans of the range (`counted: 'all'`). Any other cause is seen in whole traces
 * alone, and is counted over the traces that were inspected (`counted: 'looked'`, of `looked`): some of each route, the largest
 * and the slowest of each route, and two of each error and of each operation with slow calls. What a coding agent's log records
 * alone tell is counted over conversations.
 *
 * `rule` is a gate's question: only causes with findings of this rule, and `found` traces have such a finding.
 */
export async function inspect(
  store: SpanStore,
  question: Question,
  options: ReadOptions = {},
): Promise<Inspection> {
  const { service, name, rule, seconds = SECONDS, traces } = question;
  const isWhole = service === undefined && name === undefined;
  const wants = (wanted: string) => isWhole && (rule === undefined || rule === wanted);
  const [{ errors, agents, slow, queues }, chosen] = await Promise.all([
    readCounted(store, question, wants, options),
    chooseTraces(store, question, question, options),
  ]);
  const examples = [...errors, ...slow].flatMap((cause) => cause.examples);
  const byId = new Map([
    ...examples.map((id) => [id, { id, spans: USUAL_SPANS }] as const),
    ...chosen.traces.map((trace) => [trace.id, trace] as const),
  ]);
  const tally = await inspectTraces(
    store,
    [...byId.values()].slice(0, traces),
    { rule, seconds: traces === undefined ? seconds : Infinity },
    options,
  );
  // An error's example may have begun before the range.
  const of = Math.max(chosen.of, tally.traces);
  const all = { of, ...(chosen.weighted > of && { of_estimated: chosen.weighted }) };
  const isPart = tally.traces < chosen.of;
  const messages = new Map(
    errors.flatMap(({ cause, message }) => (message === undefined ? [] : [[cause.id, message] as const])),
  );
  const unmarked = [
    ...withCounts(
      tally.causes(question, isPart, messages),
      [...errors, ...queues.causes, ...slow],
      tally.expected,
      all,
      isPart,
    ),
    ...agents.map(({ cause }) => cause),
  ];
  const { causes, ...comparison } = await markNew(store, unmarked, question, options);
  const delayed = tally.delayed();
  const notes = [
    ...(queues.unknown.length > 0 ? [unknownText(queues.unknown)] : []),
    ...(delayed > 0 ? [delayedText(delayed)] : []),
  ];
  const traceIds = tally.traceIds();
  for (const queue of queues.causes) traceIds.set(queue.cause.id, queue.examples);
  return {
    ...epochSeconds(question),
    looked: tally.traces,
    found: tally.withFinding,
    ...(!isPart && tally.weighted.traces > tally.traces && { found_estimated: tally.weighted.withFinding }),
    ...all,
    ...comparison,
    ...(notes.length > 0 && { notes }),
    causes: inOrder(causes),
    traceIds: (id) => traceIds.get(id) ?? [],
    sightings: tally.sightings(),
  };
}

/** The answer to a question about all services, or about one, or a route: causes at it or on its routes. */
export function answerOf(
  { traceIds: _, sightings: _s, ...inspection }: Inspection,
  { at, route }: { readonly at?: string | undefined; readonly route?: string | undefined },
): Causes {
  const causes = inspection.causes.filter(
    (cause) => (at === undefined || isAt(cause, at)) && (route === undefined || isOn(cause, route)),
  );
  return { ...inspection, causes: causes.slice(0, MOST), more: Math.max(0, causes.length - MOST) };
}

/** On a busy machine, times say little: once for the whole list. */
function delayedText(delayed: number): string {
  const their = delayed === 1 ? 'its' : 'their';
  return `${counted(delayed, 'request')} waited for a processor, so nothing is said about ${their} time.`;
}

function unknownText(queues: readonly string[]): string {
  const names = listed(queues.map((name) => quoted(name)));
  return `Whether a queue grows is not known of ${names}: a sample of the messages does not tell.`;
}

function isOn({ name, routes }: Cause, route: string): boolean {
  return name === route || routes.some((each) => each.name === route);
}

function isAt({ service, routes }: Cause, at: string): boolean {
  return service === at || routes.some((route) => route.service === at);
}

/** The causes that need no whole traces, of the wanted rules. */
async function readCounted(
  store: SpanStore,
  within: TimeInterval,
  wants: (rule: string) => boolean,
  options: ReadOptions,
) {
  const spans = await spansInRange(store, within, { ...options, share: 'none' });
  const [errors, agents, slow, queues] = await Promise.all([
    wants(ERROR) ? readErrorCauses(store, spans, within, options) : [],
    wants(ERROR) ? readAgentErrors(store, within, options) : [],
    wants('slow-call') ? readSlowPlaces(store, spans, within, options) : [],
    wants(GROWING_QUEUE) ? readGrowingQueues(store, within, options) : { causes: [], unknown: [] },
  ]);
  return { errors, agents, slow, queues };
}

/**
 * The causes of whole traces, with the counts over all spans where there are any. Errors and queues need no trace that shows
 * them; a place with slow calls is a cause only when a trace says that the call took much of its request, and an error that some
 * request expects only when a trace shows one that did not.
 */
function withCounts(
  ofTraces: readonly Cause[],
  counted: readonly ExactCause[],
  expected: ReadonlySet<string>,
  of: Pick<Cause, 'of' | 'of_estimated'>,
  isPart: boolean,
): Cause[] {
  const byId = new Map(ofTraces.map((cause) => [cause.id, cause]));
  const exact = counted.flatMap(({ cause }): Cause[] => {
    const shown = byId.get(cause.id);
    byId.delete(cause.id);
    const needsTrace = cause.rule === 'slow-call' || expected.has(cause.id);
    if (shown === undefined) return needsTrace ? [] : [{ ...cause, ...of }];
    const { rules, example, short_example, advice, fact, symptom, trace_id, span_id, finding } = shown;
    const { counts } = shown;
    const isJudged = cause.rule === 'slow-call' && !isPart;
    return [
      {
        ...cause,
        ...of,
        rules,
        ...(cause.rule === ERROR && { lost_ms: shown.lost_ms }),
        // Where all traces were looked at, they tell which of the slow calls count, and of those that are slow by less.
        ...(isJudged && countsOf(shown)),
        ...(counts !== undefined && (isJudged || shown.traces >= cause.traces) && { counts }),
        ...(example !== undefined && {
          ...{ example, short_example: short_example ?? example, trace_id },
          ...(span_id && { span_id }),
        }),
        ...(advice !== undefined && { advice }),
        ...(fact && { fact }),
        ...(symptom && { symptom }),
        ...placeIn(shown),
        ...(finding !== undefined && { finding }),
      },
    ];
  });
  // An error that the spans of the range do not show began before it.
  return [...exact, ...[...byId.values()].filter(({ rule }) => rule !== ERROR)];
}

/** The counts of a slow call, of all traces. */
function countsOf({
  traces,
  failed,
  lost_ms,
  first,
  last,
  spark,
}: Cause): Pick<Cause, 'traces' | 'failed' | 'lost_ms' | 'first' | 'last' | 'spark'> {
  return { traces, failed, lost_ms, first, last, spark };
}
