import { isNewInRange } from '../../../core/problems/judge.ts';
import { ERROR, GROWING_QUEUE, LOG } from '../../../core/problems/problem-key.ts';
import type { Cause, Causes } from '../../../core/problems/schemas.ts';
import { ENOUGH, needsUsual } from '../../../core/query/build/bad-share.ts';
import { readDeploys } from '../../../core/range/deploys.ts';
import { rangeBefore } from '../../../core/range/range-before.ts';
import type { ReadOptions, SpanStore } from '../../../core/store/store.ts';
import { spanColumns } from '../../../core/traces/read/span-columns.ts';
import type { TimeInterval } from '../../../lib/time/time-range.ts';
import { nanosecondsOf } from '../../../lib/time/time-range.ts';
import { readAgentErrors } from './agent-errors.ts';
import { chooseTraces } from './choose-traces.ts';
import { readGrowingQueues } from './growing-queues.ts';
import { readCauseIds } from './read-places.ts';
import type { Question } from './schemas.ts';
import { FIRST_TRACES, inspectTraces, SECONDS } from './whole-traces.ts';

/**
 * Marks the causes that the range of equal length before has not, with the deploy that each came after. Where nothing ran then,
 * nobody knows what is new.
 */
export async function markNew(
  store: SpanStore,
  causes: Cause[],
  question: Question,
  options: ReadOptions,
): Promise<Pick<Causes, 'causes' | 'compared' | 'looked_before'>> {
  const before = await rangeBefore(store, question, options);
  if (before === undefined || !(await hasSpans(store, before, options))) return { causes, compared: false };
  const isUsualNeeded = causes.some(
    ({ rule, counted, failed, of, of_estimated = of }) =>
      rule === ERROR && counted === 'all' && needsUsual(failed, of_estimated),
  );
  const ofTraces = causes.find(({ counted }) => counted === 'looked');
  const { traces, of, weighted } =
    ofTraces || isUsualNeeded
      ? await chooseTraces(store, before, question, options)
      : { traces: [], of: 0, weighted: 0 };
  const { rule, seconds = SECONDS } = question;
  // By the same choice: the first ones, and after a longer inspection as many as of the range itself.
  const most = ofTraces && seconds > SECONDS ? Math.max(FIRST_TRACES, ofTraces.of) : FIRST_TRACES;
  const tally = ofTraces && (await inspectTraces(store, traces.slice(0, most), { rule, seconds }, options));
  const failed = await readFailedBefore(store, causes, { before, isUsualNeeded }, options);
  const isNew = (cause: Cause) =>
    cause.counted === 'all'
      ? !failed.has(cause.id)
      : tally !== undefined && isNewInRange(cause, tally.has(cause.id), tally.traces);
  const deploys = causes.some(isNew) ? await readDeploys(store, question.end, options) : [];
  const marked = causes.map((cause) => {
    const usual = of < ENOUGH ? undefined : failed.get(cause.id);
    if (!isNew(cause)) return usual === undefined ? cause : { ...cause, usual: usual / weighted };
    const deploy = deploys.find(({ service, time }) => service === cause.service && time <= cause.first);
    const isRecent = deploy !== undefined && nanosecondsOf(Date.parse(deploy.time) / 1000) >= before.start;
    const after = isRecent && { service: deploy.service, version: deploy.version, time: deploy.time };
    return { ...cause, new: true, ...(after && { after }) };
  });
  return { causes: marked, compared: true, ...(tally && { looked_before: tally.traces }) };
}

async function hasSpans(
  store: SpanStore,
  { start, end }: TimeInterval,
  options: ReadOptions,
): Promise<boolean> {
  const { rows } = await store.read(
    `SELECT 1 FROM spans WHERE _time >= $1 AND _time < $2 AND ${spanColumns(store).isSpan} LIMIT 1`,
    [start, end],
    options,
  );
  return rows.length > 0;
}

/** The ids of causes of before that are counted over all spans, of some causes' rules; if the usual share needs it, with an error's failed traces. */
async function readFailedBefore(
  store: SpanStore,
  causes: readonly Cause[],
  { before, isUsualNeeded }: { readonly before: TimeInterval; readonly isUsualNeeded: boolean },
  options: ReadOptions,
): Promise<ReadonlyMap<string, number | undefined>> {
  const counted = causes.filter(({ counted }) => counted === 'all');
  const has = (wanted: string) => counted.some(({ rule, kind }) => rule === wanted && kind !== LOG);
  const idsOf = (exact: readonly { readonly cause: Cause }[]) =>
    exact.map(({ cause }) => [cause.id, undefined] as const);
  const ids = await Promise.all([
    has(ERROR) ? readCauseIds(store, before, ERROR, options, isUsualNeeded) : [],
    counted.some(({ kind }) => kind === LOG) ? idsOf(await readAgentErrors(store, before, options)) : [],
    has('slow-call') ? readCauseIds(store, before, 'slow-call', options) : [],
    has(GROWING_QUEUE) ? idsOf((await readGrowingQueues(store, before, options)).causes) : [],
  ]);
  return new Map(ids.flat());
}
