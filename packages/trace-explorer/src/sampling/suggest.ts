import { getOrMake } from '../shared/get-or-make.ts';
import type { SamplingReport } from './report.ts';
import type { Traffic } from './traffic.ts';
import { collectorFile, refineryFile } from './write-rules.ts';

/** Fields that a suggestion looks at. */
export const SUGGESTION_FIELDS = ['http.route', 'status_code', 'duration_ms', 'trace.trace_state'] as const;

const MONTH_HOURS = 730;
/** Slow without another number. */
const SLOWER_MS = 1000;
/** Routes that the files name, the rarest first. All others have the rate of the rest. */
const MOST_ROUTES = 200;
/** The largest rate of a suggestion. */
const MOST_RATE = 10_000;
const STEPS = 40;

/** Traces with the same routes, whose events count together. */
interface Kind {
  readonly routes: readonly string[];
  events: number;
}

/**
 * Finds rules for a number of events a month: traces with an error or a slow span whole, of each route as many events as of
 * any other, so that rare routes keep all traces.
 */
export function suggestRules(
  traffic: Traffic,
  {
    events,
    slowerMs = SLOWER_MS,
    hours,
  }: { readonly events: number; readonly slowerMs?: number | undefined; readonly hours: number },
): NonNullable<SamplingReport['suggestion']> {
  const budget = (events * hours) / MONTH_HOURS;
  const { whole, kinds } = kindsOf(traffic, slowerMs);
  const byRoute = new Map<string, number>();
  for (const { routes, events: own } of kinds)
    for (const route of routes) byRoute.set(route, (byRoute.get(route) ?? 0) + own);
  const other = kinds.reduce((sum, { routes, events: own }) => (routes.length === 0 ? sum + own : sum), 0);
  const named = [...byRoute].sort(([, a], [, b]) => a - b).slice(0, MOST_ROUTES);
  const ratesAt = (share: number) => {
    const rates = new Map(named.map(([route, own]) => [route, rateFor(own, share)]));
    return { rates, rest: Math.max(rateFor(other, share), ...rates.values()) };
  };
  const costAt = (share: number) => {
    const { rates, rest } = ratesAt(share);
    return kinds.reduce(
      (sum, { routes, events: own }) =>
        sum + own / Math.min(rest, ...routes.map((route) => rates.get(route) ?? rest)),
      whole,
    );
  };
  const total = kinds.reduce((sum, { events: own }) => sum + own, 1);
  let [low, high] = [total / MOST_RATE, total];
  if (costAt(high) <= budget) low = high;
  for (let step = 0; step < STEPS && low < high; step++) {
    const middle = Math.sqrt(low * high);
    if (costAt(middle) <= budget) low = middle;
    else high = middle;
  }
  const { rates, rest } = ratesAt(low);
  const groups = [...Map.groupBy(rates, ([, rate]) => rate)]
    .filter(([rate]) => rate < rest)
    .sort(([a], [b]) => a - b)
    .map(([rate, own]) => ({ rate, routes: own.map(([route]) => route).sort() }));
  const plan = { errors: true, slowerMs, groups, restPercent: 100 / rest };
  return {
    events_month: (costAt(low) * MONTH_HOURS) / hours,
    reached: costAt(low) <= budget,
    collector: collectorFile(plan),
    refinery: refineryFile(plan),
  };
}

/** Events of the traces that are kept whole, and of the others by their routes. */
function kindsOf(
  traffic: Traffic,
  slowerMs: number,
): { readonly whole: number; readonly kinds: readonly Kind[] } {
  const { recording } = traffic;
  const [status, route] = [recording.reader('status_code'), recording.reader('http.route')];
  const kinds = new Map<string, Kind>();
  let whole = 0;
  for (const trace of recording.traceIds.keys()) {
    const rows = recording.rowsOf(trace);
    if (rows.some((row) => status(row) === 2 || traffic.durationOf(row) > slowerMs)) {
      whole += rows.length;
      continue;
    }
    const routes = new Set<string>();
    for (const row of rows) {
      const value = route(row);
      if (value !== undefined) routes.add(String(value));
    }
    const sorted = [...routes].sort();
    getOrMake(kinds, JSON.stringify(sorted), () => ({ routes: sorted, events: 0 })).events += rows.length;
  }
  return { whole, kinds: [...kinds.values()] };
}

/** The rate at which a share of the events is left; large rates are round, so that few rules are needed. */
function rateFor(events: number, share: number): number {
  const rate = Math.ceil(events / share - 1e-9);
  const step = rate <= 10 ? 1 : rate <= 100 ? 5 : rate <= 1000 ? 50 : 500;
  return Math.min(MOST_RATE, Math.max(1, Math.ceil(rate / step) * step));
}
