import { formatDuration, signedDuration } from '../../../../lib/text/format-duration.ts';
import { quoted } from '../../../../lib/text/words.ts';
import type { CallCounts } from './chance.ts';
import { countsDiffer, errorsDiffer, MIN_REQUESTS, quantileDifference } from './chance.ts';
import type { Change, Quantile, RouteFigures, Side } from './change.ts';
import type { CompareOptions } from './compare.ts';
import type { OperationCalls, RouteRequests, RoutesReading } from './read-routes.ts';

/** Chance that equal runs differ anywhere: in calls, and in errors or durations. All comparisons of a run share this chance. */
const LEVELS = { calls: 1e-4, others: 0.01 };
const QUANTILES = [0.5, 0.95];
/** Milliseconds that a quantile must change by. Smaller changes come from the machine. */
const MIN_MS = 1;
/** A smaller change of an answer's size, in bytes and as a share, comes from its content. */
const MIN_SIZE = { bytes: 1000, share: 0.1 };

/** Compares the requests of two runs, route by route. Reports a change when chance does not explain it. */
export function byChance(
  base: RoutesReading,
  head: RoutesReading,
  { comparesTimes = true, areSamples = false }: CompareOptions,
): { routes: RouteFigures[]; changes: Change[] } {
  const pairs = [...head.routes].flatMap(([key, now]): RoutePair[] => {
    const before = base.routes.get(key);
    return before === undefined ? [] : [{ before, now, operations: operationsOf(before, now) }];
  });
  const operations = pairs.reduce((sum, { operations }) => sum + operations.length + 1, 1);
  const others = LEVELS.others / (1 + pairs.length * (2 * QUANTILES.length + 1));
  const levels = { calls: LEVELS.calls / operations, others };
  const compared = pairs.map((pair) => compareRoute(pair, levels, areSamples));
  const changes = compared.flatMap(({ changes }) => changes);
  return {
    routes: compared.map(({ figures }) => figures),
    changes: changes.filter(({ of }) => comparesTimes || of !== 'duration'),
  };
}

/** A route in both runs, and the operations that it calls in one of them. */
interface RoutePair {
  readonly before: RouteRequests;
  readonly now: RouteRequests;
  readonly operations: readonly (readonly [before: OperationCalls, now: OperationCalls])[];
}

function operationsOf(before: RouteRequests, now: RouteRequests): RoutePair['operations'] {
  const none = ({ to, operation }: OperationCalls): OperationCalls => ({ to, operation, counts: new Map() });
  const all = new Map([...now.calls, ...before.calls]);
  return [...new Set([...before.calls.keys(), ...now.calls.keys()])].flatMap((key) => {
    const either = all.get(key);
    return either
      ? [[before.calls.get(key) ?? none(either), now.calls.get(key) ?? none(either)] as const]
      : [];
  });
}

/** What is said of a change of a route, whose service, route and traces are known. */
type Said = Pick<Change, 'of' | 'how' | 'worse' | 'sentence' | 'before' | 'now' | 'sure'>;

function compareRoute(
  { before, now, operations }: RoutePair,
  levels: typeof LEVELS,
  areSamples: boolean,
): { figures: RouteFigures; changes: Change[] } {
  const { service, route } = now;
  const sides = [before.side, now.side] as const;
  const [base, head] = sides;
  const judged = Math.min(...storedOf(sides)) >= MIN_REQUESTS;
  const compared = operations.map((calls) => compareCalls(calls, sides, areSamples, levels.calls));
  const quantilesOf = (of: 'durations' | 'sizes') =>
    QUANTILES.flatMap((quantile): Quantile[] => {
      const difference = quantileDifference(before[of], now[of], quantile, levels.others);
      return difference === undefined ? [] : [{ quantile, ...difference }];
    });
  const durations = quantilesOf('durations');
  const errors = errorChange(sides, levels.others);
  const said = [
    ...compared.flatMap(({ change }) => change),
    ...errors,
    // More errors have another status.
    ...(errors.length === 0 ? statusChange([before.statuses, now.statuses], sides, levels.calls) : []),
    ...quantilesOf('sizes').flatMap(sizeChange).slice(0, 1),
    ...durations.flatMap(durationChange),
  ];
  const traces = {
    ...(head.trace_id !== null && { trace_id: head.trace_id }),
    ...(base.trace_id !== null && { base_trace_id: base.trace_id }),
  };
  return {
    figures: { service, route, base, head, judged, calls: compared.map(({ figures }) => figures), durations },
    changes: (judged ? said : presence(sides, areSamples)).map(({ of, how, worse, ...rest }) => ({
      of,
      how,
      worse,
      service,
      route,
      sure: { by: 'chance' as const },
      ...rest,
      ...traces,
    })),
  };
}

function presence(sides: BaseAndHead, areSamples: boolean): Said[] {
  const [before, now] = storedOf(sides);
  const change = (how: Said['how'], sentence: string): Said[] => [
    { of: 'route', how: areSamples ? 'other' : how, worse: false, sentence },
  ];
  if (before >= MIN_REQUESTS && now === 0)
    return change('gone', areSamples ? 'none seen' : 'no requests any more');
  if (now >= MIN_REQUESTS && before === 0)
    return change('new', areSamples ? 'the base did not show it' : 'new');
  return [];
}

type BaseAndHead = readonly [Side, Side];

function compareCalls(
  [{ to, operation, counts: before }, { counts: now }]: readonly [OperationCalls, OperationCalls],
  sides: BaseAndHead,
  areSamples: boolean,
  level: number,
): { figures: RouteFigures['calls'][number]; change: Said[] } {
  const [base, head] = sides.map(({ requests }) => requests) as [number, number];
  const figures = { to, operation, base: mean(before, base), head: mean(now, head) };
  const edge = areSamples ? '' : before.size === 0 ? 'new: ' : now.size === 0 ? 'gone: ' : '';
  const sentence = `${edge}${quoted(operation)} ${written(figures.base)} → ${written(figures.head)} per request${to && ` (${quoted(to)})`}`;
  const { base: was, head: is } = figures;
  const worse = is > was;
  return {
    figures,
    change: countsDiffer(before, now, [base, head], level, storedOf(sides))
      ? [{ of: 'calls', how: worse ? 'more' : 'fewer', worse, sentence, before: was, now: is }]
      : [],
  };
}

function mean(counts: CallCounts, requests: number): number {
  return [...counts].reduce((sum, [calls, count]) => sum + calls * count, 0) / Math.max(1, requests);
}

/** The stored requests: what decides never counts one for several. */
function storedOf([base, head]: BaseAndHead): [number, number] {
  return [base.stored ?? base.requests, head.stored ?? head.requests];
}

function errorChange([base, head]: BaseAndHead, level: number): Said[] {
  const [before, now] = [base, head].map(({ errors, requests }) => errors / Math.max(1, requests)) as [
    number,
    number,
  ];
  const [few, more] = storedOf([base, head]);
  if (!errorsDiffer(Math.round(before * few), Math.round(now * more), [few, more], level)) return [];
  const sentence = `errors ${written(100 * before)} % → ${written(100 * now)} %`;
  return [{ of: 'errors', how: now > before ? 'more' : 'fewer', worse: now > before, sentence }];
}

/** Another status of the answers. The sentence has the one whose share grew most. */
function statusChange(
  [before, now]: readonly [RouteRequests['statuses'], RouteRequests['statuses']],
  sides: BaseAndHead,
  level: number,
): Said[] {
  const [base, head] = sides;
  if (!countsDiffer(before, now, [base.requests, head.requests], level, storedOf(sides))) return [];
  const [grown] = [...now]
    .map(([status, count]) => ({
      status,
      was: (before.get(status) ?? 0) / base.requests,
      is: count / head.requests,
    }))
    .toSorted((a, b) => b.is - b.was - (a.is - a.was));
  if (grown === undefined) return [];
  const sentence = `status ${grown.status} ${written(100 * grown.was)} % → ${written(100 * grown.is)} %`;
  return [{ of: 'status', how: 'other', worse: grown.status >= 400, sentence }];
}

/** A larger answer is worse: someone pays for its bytes. */
function sizeChange({ quantile, base, head, low, high }: Quantile): Said[] {
  const least = Math.max(MIN_SIZE.bytes, MIN_SIZE.share * base);
  if ((low <= 0 && high >= 0) || Math.abs(head - base) < least) return [];
  const sentence = `P${100 * quantile} of the answer’s size ${written(base / 1000)} → ${written(head / 1000)} kB`;
  const worse = head > base;
  return [{ of: 'size', how: worse ? 'more' : 'fewer', worse, sentence, sure: { by: 'chance', low, high } }];
}

function durationChange({ quantile, base, head, low, high }: Quantile): Said[] {
  if ((low <= 0 && high >= 0) || Math.abs(head - base) < MIN_MS) return [];
  const [least, most] = [low, high].map(signedDuration);
  const sentence = `P${100 * quantile} ${formatDuration(base)} → ${formatDuration(head)} (${least} to ${most})`;
  const worse = low > 0;
  const sure = { by: 'chance', low, high } as const;
  return [
    { of: 'duration', how: worse ? 'slower' : 'faster', worse, sentence, before: base, now: head, sure },
  ];
}

/** A number with three digits. */
export function written(value: number): string {
  return String(Number(value.toPrecision(3)));
}
