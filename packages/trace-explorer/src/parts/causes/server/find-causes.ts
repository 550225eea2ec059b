import type { Static } from 'typebox';
import { readDeploys } from '../../../core/range/deploys.ts';
import { rangeBefore } from '../../../core/range/range-before.ts';
import type { TimeRange } from '../../../core/shared/time-range.ts';
import { nanosecondsOf, withinOf } from '../../../core/shared/time-range.ts';
import { turnsWithin } from '../../../core/store/read/turns-within.ts';
import type { ReadOptions, SpanStore } from '../../../core/store/store.ts';
import { readTrees } from '../../../core/traces/list/summaries.ts';
import { buildModel } from '../../../core/traces/model/trace-model.ts';
import { spansInRange } from '../../../core/traces/read/spans-in-range.ts';
import { outlineTree } from '../../../core/traces/tree/outline-tree.ts';
import { readAgentErrors } from './agent-errors.ts';
import { inOrder, Looking } from './causes-of.ts';
import { chooseTraces } from './choose-traces.ts';
import { readGrowingQueues } from './growing-queues.ts';
import type { ExactCause } from './read-places.ts';
import { readErrorCauses, readSlowPlaces } from './read-places.ts';
import type { Cause, Causes, CausesFilter } from './schemas.ts';
import { ERROR, GROWING_QUEUE } from './schemas.ts';

/** Seconds for looking at traces. */
const LOOK_FOR_S = 1;
/** Traces of one read. */
const READ_TOGETHER = 200;
const MOST = 200;
/** So many traces of the range before would have had a cause, by its share of now. With fewer, it may be missed by chance. */
const SURE = 5;

/** A range in seconds since the epoch, the traces to look at, and which causes to answer. */
export interface CausesRange extends Static<typeof CausesFilter>, TimeRange {
  /** The number of traces to look at, instead of as many as `seconds` allow. */
  readonly traces?: number;
}

/** The causes of a range, and the traces behind causes that only a look at whole traces shows. */
export interface FoundCauses extends Causes {
  traceIds(id: string): readonly string[];
}

/**
 * What is wrong in a range: the entry of this room. `causesOf` of `causes-of.ts` says the same of traces in memory, which need
 * not be stored.
 *
 * Errors, slow calls and growing queues are counted over all spans of the range (`counted: 'all'`). Any other cause is seen in whole traces
 * alone, and is counted over the traces that were looked at (`counted: 'looked'`, of `looked`): some of each route, the largest
 * and the slowest of each route, and two of each error and of each operation with slow calls. What a coding agent's log records
 * alone tell is counted over conversations.
 *
 * `rule` is a gate's question: only causes with findings of this rule, and `found` traces have such a finding.
 */
export async function findCauses(
  store: SpanStore,
  { startTime, endTime, service, name, rule, at, seconds = LOOK_FOR_S, traces }: CausesRange,
  options: ReadOptions = {},
): Promise<FoundCauses> {
  const within = withinOf({ startTime, endTime });
  const isWhole = service === undefined && name === undefined;
  const reads = (wanted: string) => isWhole && (rule === undefined || rule === wanted);
  const [{ errors, agents, slow, queues }, chosen] = await Promise.all([
    readCounted(store, { startTime, endTime }, reads, options),
    chooseTraces(store, within, { service, name }, options),
  ]);
  const examples = [...errors, ...slow].flatMap(({ examples }) => examples);
  const ids = [...new Set([...examples, ...chosen.ids])].slice(0, traces);
  const looking = await lookAt(
    store,
    ids,
    { rule, seconds: traces === undefined ? seconds : Infinity },
    options,
  );
  const weighted = Math.max(chosen.weighted, chosen.of);
  const all = [
    ...merged(looking.causes(within), [...errors, ...queues], slow, weighted),
    ...agents.map(({ cause }) => cause),
  ];
  const before = await rangeBefore(store, { startTime, endTime }, options);
  const earlier = before && (await lookBefore(store, all, before, { service, name, rule, seconds }, options));
  const told = inOrder(await tellSince(store, all, { before, earlier, endTime }, options));
  const causes = told.filter((cause) => at === undefined || isAt(cause, at));
  return {
    start_time: startTime,
    end_time: endTime,
    looked: looking.traces,
    found: looking.found,
    // An error's example may have begun before the range.
    of: Math.max(chosen.of, looking.traces),
    compared: before !== undefined,
    ...(earlier && { looked_before: earlier.traces }),
    causes: causes.slice(0, MOST),
    more: Math.max(0, causes.length - MOST),
    traceIds: (id) => queues.find(({ cause }) => cause.id === id)?.examples ?? looking.traceIds(id),
  };
}

/** The causes that need no look at whole traces, of the wanted rules. */
async function readCounted(
  store: SpanStore,
  range: TimeRange,
  wants: (rule: string) => boolean,
  options: ReadOptions,
) {
  const within = withinOf(range);
  const spans = await spansInRange(store, range, options);
  const [errors, agents, slow, queues] = await Promise.all([
    wants(ERROR) ? readErrorCauses(store, spans, within, options) : [],
    wants(ERROR) ? readAgentErrors(store, within, options) : [],
    wants('slow-call') ? readSlowPlaces(store, spans, within, options) : [],
    wants(GROWING_QUEUE) ? readGrowingQueues(store, within, options) : [],
  ]);
  return { errors, agents, slow, queues };
}

async function lookAt(
  store: SpanStore,
  ids: readonly string[],
  { rule, seconds }: { readonly rule: string | undefined; readonly seconds: number },
  options: ReadOptions,
): Promise<Looking> {
  const looking = new Looking(rule);
  const until = performance.now() + 1000 * seconds;
  const turn = turnsWithin(options);
  for (let at = 0; at < ids.length && (at === 0 || performance.now() < until); at += READ_TOGETHER) {
    const { trees } = await readTrees(store, ids.slice(at, at + READ_TOGETHER), options);
    for (const [traceId, tree] of trees) {
      looking.look(buildModel(outlineTree(traceId, tree)));
      await turn();
    }
  }
  return looking;
}

/**
 * What traces show, with the counts over all spans where there are any. Errors and queues need no trace that shows them; a place
 * with slow calls is a cause only when a trace says that the call took much of its request.
 */
function merged(
  seen: readonly Cause[],
  sure: readonly ExactCause[],
  slow: readonly ExactCause[],
  of: number,
): Cause[] {
  const byId = new Map(seen.map((cause) => [cause.id, cause]));
  const exact = [...sure, ...slow].flatMap(({ cause }): Cause[] => {
    const shown = byId.get(cause.id);
    byId.delete(cause.id);
    if (shown === undefined) return cause.rule === 'slow-call' ? [] : [{ ...cause, of }];
    const { rules, example, short_example, advice, outside, line, trace_id, span_id, finding } = shown;
    return [
      {
        ...cause,
        of,
        rules,
        ...(cause.rule === ERROR && { lost_ms: shown.lost_ms }),
        ...(example !== undefined && {
          ...{ example, short_example: short_example ?? example, trace_id },
          ...(span_id && { span_id }),
        }),
        ...(advice !== undefined && { advice }),
        ...(outside && { outside }),
        ...(line !== undefined && { line }),
        ...(finding !== undefined && { finding }),
      },
    ];
  });
  // An error that the spans of the range do not show began before it.
  return [...exact, ...[...byId.values()].filter(({ rule }) => rule !== ERROR)];
}

/**
 * Looks at traces of the range before, by the same choice: at the first ones, and after a longer look at as many
 * as of the range itself. Undefined when no cause needs it.
 */
async function lookBefore(
  store: SpanStore,
  causes: readonly Cause[],
  before: TimeRange,
  chosenBy: Record<'service' | 'name' | 'rule', string | undefined> & { readonly seconds: number },
  options: ReadOptions,
): Promise<Looking | undefined> {
  const [looked] = causes.filter(({ counted }) => counted === 'looked');
  if (looked === undefined) return undefined;
  const { ids } = await chooseTraces(store, withinOf(before), chosenBy, options);
  const most = chosenBy.seconds > LOOK_FOR_S ? Math.max(READ_TOGETHER, looked.of) : READ_TOGETHER;
  return await lookAt(store, ids.slice(0, most), chosenBy, options);
}

/** Whether the traces of the range before would have shown a cause with its share of now, and have not. */
function isUnseen({ id, traces, of }: Cause, earlier: Looking): boolean {
  return earlier.traceIds(id).length === 0 && earlier.traces * Math.min(1, traces / of) >= SURE;
}

/** Adds which causes are new, and after which deploy they came. */
async function tellSince(
  store: SpanStore,
  causes: readonly Cause[],
  range: {
    readonly before: TimeRange | undefined;
    readonly earlier: Looking | undefined;
    readonly endTime: number;
  },
  options: ReadOptions,
): Promise<readonly Cause[]> {
  const { before, earlier, endTime } = range;
  if (before === undefined) return causes;
  const counted = causes.filter(({ counted }) => counted === 'all');
  const has = (wanted: string) => counted.some(({ rule }) => rule === wanted);
  const known =
    counted.length > 0 ? Object.values(await readCounted(store, before, has, options)).flat() : [];
  const ids = new Set(known.map(({ cause }) => cause.id));
  const isNew = (cause: Cause) =>
    cause.counted === 'all' ? !ids.has(cause.id) : earlier !== undefined && isUnseen(cause, earlier);
  if (!causes.some(isNew)) return causes;
  const deploys = await readDeploys(store, nanosecondsOf(endTime), options);
  return causes.map((cause) => {
    if (!isNew(cause)) return cause;
    const deploy = deploys.find((each) => each.service === cause.service && each.time <= cause.first);
    const isRecent = deploy !== undefined && Date.parse(deploy.time) / 1000 >= before.startTime;
    const after = isRecent && { service: deploy.service, version: deploy.version, time: deploy.time };
    return { ...cause, new: true, ...(after && { after }) };
  });
}

function isAt({ service, routes }: Cause, at: string): boolean {
  return service === at || routes.some((route) => route.service === at);
}
