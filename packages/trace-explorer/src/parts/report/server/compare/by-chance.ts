import type {
  Change,
  Comparison,
  Quantile,
  RouteComparison,
  Run,
  Side,
} from '../../../../core/runs/schemas.ts';
import { formatDuration, signedDuration } from '../../../../core/shared/format-duration.ts';
import { quoted } from '../../../../core/shared/words.ts';
import type { ReadOptions, SpanStore } from '../../../../core/store/store.ts';
import type { CallCounts } from './chance.ts';
import { countsDiffer, errorsDiffer, MIN_REQUESTS, quantileDifference } from './chance.ts';
import { checkWeights } from './check-weights.ts';
import type { OperationCalls, RouteRequests } from './read-routes.ts';
import { readRoutes } from './read-routes.ts';

/** Chance that equal runs differ anywhere: in calls, and in errors or durations. All comparisons of a run share this chance. */
const LEVELS = { calls: 1e-4, others: 0.01 };
const QUANTILES = [0.5, 0.95];
/** Milliseconds that a quantile must change by. Smaller changes come from the machine. */
const MIN_MS = 1;
/** A smaller change of an answer's size, in bytes and as a share, comes from its content. */
const MIN_SIZE = { bytes: 1000, share: 0.1 };

/** Compares the requests of two runs, route by route. Reports a change when chance does not explain it. */
export async function compareRuns(
  store: SpanStore,
  { base, head }: { readonly base: Run; readonly head: Run },
  options: ReadOptions,
): Promise<Comparison> {
  checkWeights(base, head);
  const { routes, count } = await readRoutes(store, { base, head }, options);
  const operations = routes.reduce((sum, { calls }) => sum + calls.size + 1, 1);
  const others = LEVELS.others / (1 + routes.length * (2 * QUANTILES.length + 1));
  const compared = routes.map((route) =>
    compareRoute(route, [base, head], { calls: LEVELS.calls / operations, others }),
  );
  const worse = compared.some(({ changes }) => changes.some((change) => change.worse));
  return { base, head, worse, routes: compared, more_routes: count - routes.length };
}

function compareRoute(
  { service, route, sides, durations: ofDurations, sizes, statuses, calls }: RouteRequests,
  runs: readonly [Run, Run],
  levels: typeof LEVELS,
): RouteComparison {
  const [base, head] = sides;
  const judged = Math.min(...storedOf(sides)) >= MIN_REQUESTS;
  const compared = [...calls.values()].map((call) => compareCalls(call, sides, runs, levels.calls));
  const quantilesOf = ([ofBase, ofHead]: RouteRequests['durations']) =>
    QUANTILES.flatMap((quantile): Quantile[] => {
      const difference = quantileDifference(ofBase, ofHead, quantile, levels.others);
      return difference === undefined ? [] : [{ quantile, ...difference }];
    });
  const durations = quantilesOf(ofDurations);
  const errors = errorChange(sides, levels.others);
  const changes = [
    ...compared.flatMap(({ change }) => change),
    ...errors,
    // More errors have another status.
    ...(errors.length === 0 ? statusChange(statuses, sides, levels.calls) : []),
    ...quantilesOf(sizes).flatMap(sizeChange).slice(0, 1),
    ...durations.flatMap(durationChange),
  ];
  const figures = { calls: compared.map(({ figures }) => figures), durations };
  return {
    service,
    route,
    base,
    head,
    judged,
    ...figures,
    changes: judged ? changes : presence(sides, runs),
  };
}

function presence(sides: Sides, [base, head]: readonly [Run, Run]): Change[] {
  const [before, now] = storedOf(sides);
  const change = (sentence: string): Change[] => [{ of: 'route', worse: false, sentence }];
  if (before >= MIN_REQUESTS && now === 0)
    return change(head.weighted ? 'none seen' : 'no requests any more');
  if (now >= MIN_REQUESTS && before === 0) return change(base.weighted ? 'the base did not show it' : 'new');
  return [];
}

type Sides = readonly [Side, Side];

function compareCalls(
  { to, operation, counts: [before, now] }: OperationCalls,
  sides: Sides,
  [ofBase, ofHead]: readonly [Run, Run],
  level: number,
) {
  const [base, head] = sides.map(({ requests }) => requests) as [number, number];
  const figures = { to, operation, base: mean(before, base), head: mean(now, head) };
  const isNew = before.size === 0 && !ofBase.weighted;
  const edge = isNew ? 'new: ' : now.size === 0 && !ofHead.weighted ? 'gone: ' : '';
  const sentence = `${edge}${quoted(operation)} ${written(figures.base)} → ${written(figures.head)} per request${to && ` (${quoted(to)})`}`;
  const { base: was, head: is } = figures;
  const change: Change = { of: 'calls', worse: is > was, sentence, before: was, now: is };
  return {
    figures,
    change: countsDiffer(before, now, [base, head], level, storedOf(sides)) ? [change] : [],
  };
}

function mean(counts: CallCounts, requests: number): number {
  return [...counts].reduce((sum, [calls, count]) => sum + calls * count, 0) / Math.max(1, requests);
}

/** The stored requests: what decides never counts one for several. */
function storedOf([base, head]: Sides): [number, number] {
  return [base.stored ?? base.requests, head.stored ?? head.requests];
}

function errorChange([base, head]: Sides, level: number): Change[] {
  const [before, now] = [base, head].map(({ errors, requests }) => errors / Math.max(1, requests)) as [
    number,
    number,
  ];
  const [few, more] = storedOf([base, head]);
  if (!errorsDiffer(Math.round(before * few), Math.round(now * more), [few, more], level)) return [];
  const sentence = `errors ${written(100 * before)} % → ${written(100 * now)} %`;
  return [{ of: 'errors', worse: now > before, sentence }];
}

/** Another status of the answers. The sentence has the one whose share grew most. */
function statusChange([before, now]: RouteRequests['statuses'], sides: Sides, level: number): Change[] {
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
  return [{ of: 'status', worse: grown.status >= 400, sentence }];
}

/** A larger answer is worse: someone pays for its bytes. */
function sizeChange({ quantile, base, head, low, high }: Quantile): Change[] {
  const least = Math.max(MIN_SIZE.bytes, MIN_SIZE.share * base);
  if ((low <= 0 && high >= 0) || Math.abs(head - base) < least) return [];
  const sentence = `P${100 * quantile} of the answer’s size ${written(base / 1000)} → ${written(head / 1000)} kB`;
  return [{ of: 'size', worse: head > base, sentence }];
}

function durationChange({ quantile, base, head, low, high }: Quantile): Change[] {
  if ((low <= 0 && high >= 0) || Math.abs(head - base) < MIN_MS) return [];
  const [least, most] = [low, high].map(signedDuration);
  const sentence = `P${100 * quantile} ${formatDuration(base)} → ${formatDuration(head)} (${least} to ${most})`;
  return [{ of: 'duration', worse: low > 0, sentence, before: base, now: head }];
}

/** A number with three digits. */
export function written(value: number): string {
  return String(Number(value.toPrecision(3)));
}
