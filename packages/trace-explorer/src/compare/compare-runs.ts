import { formatDuration } from '../shared/format-duration.ts';
import { quoted } from '../shared/words.ts';
import type { ReadOptions, SpanStore } from '../store/store.ts';
import type { CallCounts } from './chance.ts';
import { countsDiffer, errorsDiffer, quantileDifference } from './chance.ts';
import type { OperationCalls, RouteRequests } from './read-routes.ts';
import { readRoutes } from './read-routes.ts';
import type { Run } from './schemas.ts';

/** Chance that equal runs differ anywhere: in calls, and in errors or durations. All comparisons of a run share this chance. */
const LEVELS = { calls: 1e-4, others: 0.01 };
const QUANTILES = [0.5, 0.95];
/** A route with fewer requests in one of the runs has no comparison. */
const MIN_REQUESTS = 20;
/** Milliseconds that a quantile must change by. Smaller changes come from the machine. */
const MIN_MS = 1;

/** A difference of a route that chance does not explain, with a trace of each run. */
export interface Change {
  readonly of: 'calls' | 'errors' | 'duration';
  readonly worse: boolean;
  readonly sentence: string;
}
export interface ChangedRoute extends Pick<RouteRequests, 'service' | 'route' | 'sides'> {
  readonly changes: readonly Change[];
}

/** Compares the requests of two runs, route by route. Routes with too few requests in one of the runs are left out. */
export async function compareRuns(
  store: SpanStore,
  runs: { readonly base: Run; readonly head: Run },
  options: ReadOptions,
): Promise<ChangedRoute[]> {
  const routes = await readRoutes(store, runs, options);
  const operations = routes.reduce((sum, { calls }) => sum + calls.size, 1);
  const level = LEVELS.others / (1 + routes.length * (QUANTILES.length + 1));
  return routes
    .filter(({ sides }) => sides.every(({ requests }) => requests >= MIN_REQUESTS))
    .map(({ service, route, sides, durations, calls }) => ({
      ...{ service, route, sides },
      changes: [
        ...[...calls.values()].flatMap((each) => callChange(each, sides, LEVELS.calls / operations)),
        ...errorChange(sides, level),
        ...QUANTILES.flatMap((quantile) => durationChange(quantile, durations, level)),
      ],
    }));
}

type Sides = RouteRequests['sides'];

function callChange({ to, operation, counts: [before, now] }: OperationCalls, sides: Sides, level: number) {
  const [base, head] = sides.map(({ requests }) => requests) as [number, number];
  if (!countsDiffer(before, now, [base, head], level)) return [];
  const [was, is] = [mean(before, base), mean(now, head)];
  const edge = before.size === 0 ? 'new: ' : now.size === 0 ? 'gone: ' : '';
  const sentence = `${edge}${quoted(operation)} ${written(was)} → ${written(is)} per request${to && ` (${quoted(to)})`}`;
  return [{ of: 'calls', worse: is > was, sentence } satisfies Change];
}

function mean(counts: CallCounts, requests: number): number {
  return [...counts].reduce((sum, [calls, count]) => sum + calls * count, 0) / Math.max(1, requests);
}

function errorChange([base, head]: Sides, level: number): Change[] {
  if (!errorsDiffer(base.errors, head.errors, [base.requests, head.requests], level)) return [];
  const [before, now] = [base.errors / base.requests, head.errors / head.requests];
  const sentence = `errors ${written(100 * before)} % → ${written(100 * now)} %`;
  return [{ of: 'errors', worse: now > before, sentence }];
}

function durationChange(share: number, durations: RouteRequests['durations'], level: number): Change[] {
  const found = quantileDifference(...durations, share, level);
  if (found === undefined) return [];
  const { base, head, low, high } = found;
  if ((low <= 0 && high >= 0) || Math.abs(head - base) < MIN_MS) return [];
  const [least, most] = [low, high].map((ms) => `${ms < 0 ? '−' : '+'}${formatDuration(Math.abs(ms))}`);
  const sentence = `P${100 * share} ${formatDuration(base)} → ${formatDuration(head)} (${least} to ${most})`;
  return [{ of: 'duration', worse: low > 0, sentence }];
}

/** A number with three digits. */
export function written(value: number): string {
  return String(Number(value.toPrecision(3)));
}
