import { getOrMake } from '../../../lib/get-or-make.ts';
import { counted, quoted } from '../../../lib/text/words.ts';
import type { TraceModel } from '../model/trace-model.ts';
import type { TraceFacts } from './facts.ts';
import { coveredTime, hasPartBeside, isCall, isRequest } from './facts.ts';
import type { FindingRule } from './finding.ts';
import { say } from './sentence.ts';
import { connects, openingAdvice, openingOf, openingWords, waitedFor } from './waits/connections.ts';
import {
  answerWords,
  loadsCode,
  nameOf,
  spanWords,
  staysOpen,
  time,
  waitsForMore,
  whichOf,
} from './words.ts';

/** Shorter calls are normal variations of a machine. */
export const MIN_SLOW_CALL_NS = 190e6;
/** Smallest share of the request that one call must take. */
const LEAST_SHARE = 0.1;
/** Share of its request from which on a statement is slow beside others that take a tenth of it. */
const SHARE_BESIDE = 0.9;
/** With at least this share, a call is named although an earlier rule has counted it among others. */
const DOMINANT_SHARE = 0.5;
export const LEAST_OF_WORK_NS = 350e6; // the service's own work varies more
const LEAST_OF_JOB_NS = 1e9; // nobody waits for a job, and the load of a page depends on its reader's network

/** How to see the plan of a statement whose values are not known. Before PostgreSQL 16, EXPLAIN knows no parameters. */
const PLAN_OF_POSTGRES =
  ' In psql: EXPLAIN (GENERIC_PLAN) and the statement with its $1; before PostgreSQL 16, PREPARE p AS and the statement, SET plan_cache_mode = force_generic_plan, and EXPLAIN EXECUTE p(NULL), with a NULL for each parameter.';

/** A call of a database or of a service that sends no spans, or work without spans below it, that took much of its request. */
export const slowCall: FindingRule = {
  name: 'slow-call',
  category: 'time',
  isOfCall: true,
  hasSmall: true,
  cause: (place) => `${place} is slow`,
  find(facts, limits = 1) {
    const { model, entry, claimedSpans, stood, took } = facts;
    const groups = new Map<string, number[]>();
    const owns = unexplainedCallTimes(facts);
    /** Earlier rules have said that a process stood still, that a call waited for a connection, or that each call opens one. */
    const told = (index: number) =>
      (stood[index] ?? 0) + waitedFor(facts, index) + (claimedSpans.has(index) ? openingOf(facts, index) : 0);
    const spent = (index: number) => (took[index] ?? 0) - told(index);
    for (const { indexes, name } of [...facts.calls, ...longWork(facts, limits)]) {
      if (waitsForMore(name)) continue;
      for (const index of indexes) {
        const [length = 0, whole = 0] = [model.length[index], model.length[entry[index] ?? 0]];
        // What is told makes it less, and of most calls it is too little already.
        if ((owns[index] ?? 0) < limits * MIN_SLOW_CALL_NS && model.otherStatements(index) === 0) continue;
        const own = (owns[index] ?? 0) - told(index);
        if (entry[index] === index || hasPartBeside(facts, index)) continue;
        // A call that outlasts its request is not part of the request's time.
        const least = isCall(model, index) ? LEAST_SHARE : DOMINANT_SHARE;
        if (length > whole) continue;
        if (
          !isSlowByShare(model, index, own, whole) &&
          own < limits * Math.max(MIN_SLOW_CALL_NS, whole * least)
        )
          continue;
        if (claimedSpans.has(index) && (model.error[index] === 1 || spent(index) < whole * DOMINANT_SHARE))
          continue;
        getOrMake(groups, `${name} ${model.service(index)}`, () => []).push(index);
      }
    }
    return [...groups.values()].map((indexes) => {
      const longest = indexes.reduce((a, b) => (spent(b) > spent(a) ? b : a));
      const [length, within = 0] = [spent(longest), entry[longest]];
      const share = Math.round((100 * length) / (model.length[within] || 1));
      const others = indexes.length > 1 ? togetherOf(facts, indexes, within) : '';
      const opening = openingOf(facts, longest);
      const isOpening = connects(model, longest) || opening > length / 2;
      const opened = isOpening && opening > 0 ? `, ${time(opening)} of it to open a connection` : '';
      const answer = answerWords(model, longest);
      const scans = model.scans(longest);
      const plan = scans === undefined ? '' : `; it reads ${quoted(scans)} row by row (SCAN)`;
      const usual = model.otherStatements(longest);
      const beside =
        length < MIN_SLOW_CALL_NS && usual > 0 ? `; other statements take ${time(1e6 * usual)}` : '';
      return {
        sentence: say`${spanWords(model, longest)}${whichOf(facts, longest)} took ${time(length)}, ${String(share)} % of ${nameOf(model, within)}${others}${opened}${opened && openingWords(facts, longest)}${answer && `, and ${answer}`}${plan}${beside}`,
        advice: isOpening ? openingAdvice(model, longest) : adviceOf(model, longest),
        indexes: [longest, ...indexes.filter((index) => index !== longest)],
        cost: length,
      };
    });
  },
};

/** Whether a statement is nearly all of its request, and again and again ten times as long as the service's other statements. */
function isSlowByShare(model: TraceModel, index: number, own: number, whole: number): boolean {
  return model.otherStatements(index) > 0 && own >= whole * SHARE_BESIDE;
}

function adviceOf(model: TraceModel, index: number): string {
  if (model.isDatabase(index)) {
    const how = model.isPostgres(index) && model.statement(index) > 0 ? PLAN_OF_POSTGRES : '';
    return `Look at the plan of the statement: an index, a lock or fewer rows.${how}`;
  }
  return isCall(model, index)
    ? 'Set a deadline, keep its answers, or take it out of the request.'
    : 'Put spans around what it does there, or look at a CPU profile.';
}

/** The share of all long calls in their request: four equal calls of 20 % take 80 %. */
function togetherOf(facts: TraceFacts, indexes: readonly number[], within: number): string {
  const { model, entry } = facts;
  const start = (index: number) => model.offset[index] ?? 0;
  const own = indexes.filter((index) => entry[index] === within).sort((a, b) => start(a) - start(b));
  const covered = coveredTime(facts, own);
  const share = Math.round((100 * covered) / (model.length[within] || 1));
  const together = own.length > 1 && share <= 100 ? `, which together took ${time(covered)}, ${share} %` : '';
  return own.length === indexes.length
    ? `, the longest of ${counted(own.length, 'long call')}${together}`
    : `, the longest of ${counted(indexes.length, 'long call')} in the trace`;
}

/**
 * By index, the nanoseconds of a call that no span of other work below it explains; 0 where another service or request is below it.
 * Below a library's call, the spans of its driver are the same work. Of other spans all their time, or none with spans below.
 */
function unexplainedCallTimes({ model, self }: TraceFacts): Float64Array {
  const { count, parent, children, length } = model;
  const own = new Float64Array(count);
  // From the last span to the first, so that children come before their parent.
  for (let index = count - 1; index >= 0; index--) {
    const up = parent[index] ?? -1;
    const [isOwn, isSame] = [isCall(model, index), model.service(up) === model.service(index)];
    const isDrivers = model.kind(index) === 'client' && model.kind(up) === 'client' && !isOwn;
    const isPart = isOwn || isDrivers || children[index] === 0;
    own[index] = isPart ? Math.min(length[index] ?? 0, (own[index] ?? 0) + (self[index] ?? 0)) : 0;
    if (up < 0) continue;
    if (!isSame || /server|consumer/.test(model.kind(index))) own[up] = -Infinity;
    else if (isDrivers) own[up] = (own[up] ?? 0) + (own[index] ?? 0);
  }
  return own;
}

/** INTERNAL spans of requests, and longer ones of jobs, agents and pages. */
function longWork(facts: TraceFacts, limits: number): { name: string; indexes: number[] }[] {
  const { model, entry, stood, took } = facts;
  const least = (within: number) => (isRequest(model, within) ? LEAST_OF_WORK_NS : LEAST_OF_JOB_NS);
  const isLong = (index: number) =>
    (took[index] ?? 0) - (stood[index] ?? 0) >= limits * least(entry[index] ?? 0) &&
    /internal|unspecified/.test(model.kind(index)) &&
    !model.isTestRunner(index) &&
    !loadsCode(model.name(index)) &&
    !isCall(model, index) &&
    !staysOpen(facts, index);
  const long = Array.from(entry.keys()).filter(isLong);
  return long.map((index) => ({ name: model.name(index), indexes: [index] }));
}
