import type { ReadOptions } from '../../../core/store/store.ts';
import { getOrMake } from '../../../lib/get-or-make.ts';
import { MONTH_HOURS, volumeOf } from './measure.ts';
import type { Fields } from './rules/gathered.ts';
import { Gathered, literal } from './rules/gathered.ts';
import type { Rules } from './rules/read-rules.ts';
import { readRules } from './rules/read-rules.ts';
import type { Traffic } from './traffic.ts';
import type { Plan } from './write-rules.ts';
import { collectorFile, refineryFile } from './write-rules.ts';

/** Routes that the files name, the rarest first. All others have the rate of the rest. */
const MOST_ROUTES = 200;
/** A file with longer ones would be too large to be read. */
const LONGEST_ROUTE = 200;
/** The largest rate of a suggestion. */
const MOST_RATE = 10_000;
const STEPS = 40;

/** Events of traces with the same routes. */
interface Kind {
  readonly routes: readonly string[];
  events: number;
}

/** Times that a file is made tighter. */
const MOST_TRIES = 6;
/** The share of the budget that the next file is for, because its rates are whole numbers. */
const TIGHTER = 0.98;
const FILES = { collector: collectorFile, refinery: refineryFile };
const NAMES = { collector: 'suggested, Collector', refinery: 'suggested, Refinery' };

/** The budget in events a month, the classes that are kept whole, and the length of the traffic. */
interface Budget {
  /** The Collector's feature gate usetracestate. */
  readonly gate: boolean;
  readonly events: number;
  readonly errors: boolean;
  /** Milliseconds above which a span is slow. */
  readonly slowerMs: number | undefined;
  readonly hours: number;
}

/**
 * Finds rules for a number of events a month: traces with an error or a slow span whole, of each route as many events as of
 * any other, so that rare routes keep all traces. Each file is tried on the traffic, and made tighter until it keeps the budget.
 * @returns also both files as rules, each with its decisions
 */
export async function suggestRules(traffic: Traffic, fields: Fields, budget: Budget, limits: ReadOptions) {
  const planFor = await planner(traffic, fields, budget);
  const tried: { rules: Rules; decided: Awaited<ReturnType<Rules['decide']>> }[] = [];
  const suggestion = { events_month: 0, reached: true, collector: '', refinery: '' };
  for (const product of ['collector', 'refinery'] as const) {
    let { events } = budget;
    for (let tries = 1; ; tries++) {
      const { plan, isReached } = planFor(events);
      const text = FILES[product](plan);
      const rules = readRules({ name: NAMES[product], text }, fields);
      const decided = await rules.decide(traffic, budget.gate, limits);
      const { events_month } = volumeOf(traffic, budget.hours, decided.decisions);
      const fits = events_month <= budget.events;
      if (isReached && !fits && tries < MOST_TRIES) {
        events *= (TIGHTER * budget.events) / events_month;
        continue;
      }
      tried.push({ rules, decided });
      suggestion[product] = text;
      suggestion.events_month = Math.max(suggestion.events_month, events_month);
      suggestion.reached &&= fits;
      break;
    }
  }
  return { suggestion, tried };
}

/** Finds plans by an estimate, which each product's chance makes a little more or less. */
async function planner(
  traffic: Traffic,
  fields: Fields,
  { errors, slowerMs, hours }: Budget,
): Promise<(events: number) => { readonly plan: Plan; readonly isReached: boolean }> {
  const { whole, kinds } = await kindsOf(traffic, fields, { errors, slowerMs });
  const byRoute = new Map<string, number>();
  for (const { routes, events: own } of kinds)
    for (const route of routes) byRoute.set(route, (byRoute.get(route) ?? 0) + own);
  const other = kinds.reduce((sum, { routes, events: own }) => (routes.length === 0 ? sum + own : sum), 0);
  const named = [...byRoute]
    .filter(([route]) => route.length <= LONGEST_ROUTE)
    .sort(([, a], [, b]) => a - b)
    .slice(0, MOST_ROUTES);
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
  return (events) => {
    const budget = (events * hours) / MONTH_HOURS;
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
    const plan = { errors, slowerMs, groups, restPercent: 100 / rest };
    return { plan, isReached: costAt(low) <= budget };
  };
}

/** Events of the traces that are kept whole, and of the others by their routes. */
async function kindsOf(
  traffic: Traffic,
  fields: Fields,
  { errors, slowerMs = Infinity }: Pick<Budget, 'errors' | 'slowerMs'>,
) {
  const [status, route] = ['status_code', 'http.route'].map((name) => fields.get(name)?.sql ?? 'NULL');
  const gathered = new Gathered(fields);
  gathered.askAny(`(${errors} AND ${status} = 2) OR t_end - t_start > ${literal(slowerMs * 1e6)}`);
  gathered.ask(`list_sort(list(DISTINCT ${route}) FILTER (${route} IS NOT NULL))`);
  gathered.ask('count(*)');
  const [isWhole = [], routes = [], rows = []] = await traffic.ask(gathered);
  const kinds = new Map<string, Kind>();
  let whole = 0;
  for (const trace of traffic.traceIds.keys()) {
    const events = Number(rows[trace]);
    const own = (routes[trace] ?? []) as readonly unknown[];
    if (isWhole[trace] === true) whole += events;
    else
      getOrMake(kinds, JSON.stringify(own), () => ({ routes: own.map(String), events: 0 })).events += events;
  }
  return { whole, kinds: [...kinds.values()] };
}

/** The rate at which a share of the events is left; large rates are round, so that few rules are needed. */
function rateFor(events: number, share: number): number {
  const rate = Math.ceil(events / share - 1e-9);
  const step = rate <= 10 ? 1 : rate <= 100 ? 5 : rate <= 1000 ? 50 : 500;
  return Math.min(MOST_RATE, Math.max(1, Math.ceil(rate / step) * step));
}
