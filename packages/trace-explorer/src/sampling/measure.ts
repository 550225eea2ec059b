import type { Cause } from '../causes/schemas.ts';
import type { Decisions } from './decide/decisions.ts';
import type { Figure, Lost, Trial, Volume } from './report.ts';
import type { Route, Traffic } from './traffic.ts';

/** Hours of a month. */
const MONTH_HOURS = 730;
/** Causes, routes, users and rules in the answer. */
const MOST = 100;
const SOME = 20;
/** The slowest twentieth of a route is slow. */
const SLOW_SHARE = 0.95;
/** Standard deviations on each side that 19 of 20 cases need. */
const SURE = 1.96;

/** The causes of the range, and the traces in which each was seen. */
export interface SeenCauses {
  readonly causes: readonly Cause[];
  readonly looked: number;
  readonly of: number;
  traceIds(id: string): readonly string[];
}

/** What is kept of the traffic, as expected where chance decides. All of it without decisions. */
export function volumeOf(traffic: Traffic, hours: number, decisions?: Decisions): Volume {
  const sum = (values: Float64Array) =>
    values.reduce((total, value, trace) => total + value * (decisions?.kept[trace] ?? 1), 0);
  const { volumes } = traffic;
  const [spans, span_events, links] = [sum(volumes.spans), sum(volumes.events), sum(volumes.links)];
  const bytes = sum(volumes.bytes);
  const events = spans + span_events + links;
  const months = hours > 0 ? MONTH_HOURS / hours : 0;
  const traces = decisions?.kept.reduce((a, b) => a + b, 0) ?? traffic.recording.traceIds.length;
  const events_weighted = sum(volumes.weighted);
  return {
    traces,
    spans,
    events,
    span_events,
    links,
    events_weighted,
    bytes,
    events_month: events * months,
    gb_month: (bytes * months) / 1e9,
  };
}

/** Traces and kept events by the rule that decided. */
export function byRule(traffic: Traffic, { kept, rule }: Decisions): Trial['rules'] {
  const { spans, events, links } = traffic.volumes;
  const rules = new Map<string, { rule: string; traces: number; kept: number; events: number }>();
  for (const [trace, name] of rule.entries()) {
    const own = rules.get(name) ?? { rule: name, traces: 0, kept: 0, events: 0 };
    rules.set(name, own);
    const share = kept[trace] ?? 0;
    own.traces += 1;
    own.kept += share;
    own.events += share * ((spans[trace] ?? 0) + (events[trace] ?? 0) + (links[trace] ?? 0));
  }
  return [...rules.values()].sort((a, b) => b.kept - a.kept || b.traces - a.traces).slice(0, MOST);
}

/** What is no longer there. */
export function lostOf(traffic: Traffic, { kept }: Decisions, seen: SeenCauses): Lost {
  const lost = (traces: readonly number[]) => traces.reduce((sum, trace) => sum + 1 - (kept[trace] ?? 0), 0);
  const gone = (traces: readonly number[]) =>
    traces.reduce((all, trace) => all * (1 - (kept[trace] ?? 0)), 1);
  const failed = [...traffic.failed.keys()].filter((trace) => traffic.failed[trace] === 1);
  const places = new Map(traffic.recording.traceIds.map((id, trace) => [id, trace]));
  const causes = seen.causes
    .map(({ id, rule, sentence, routes }) => {
      const traces = seen.traceIds(id).flatMap((traceId) => places.get(traceId) ?? []);
      const names = routes.map(({ name }) => name);
      return {
        id,
        rule,
        sentence,
        routes: names,
        traces: traces.length,
        lost: lost(traces),
        gone: traces.length === 0 ? 0 : gone(traces),
      };
    })
    .filter((each) => each.lost > 0)
    .sort((a, b) => b.gone - a.gone || b.lost - a.lost);
  const slow = traffic.routes.flatMap(({ service, route, traces }) => {
    const durations = traces.map((trace) => traffic.durationOf(traffic.rootOf(trace) ?? 0));
    const over_ms = durations.toSorted((a, b) => a - b)[Math.ceil(SLOW_SHARE * durations.length) - 1] ?? 0;
    const own = traces.filter((_, at) => (durations[at] ?? 0) > over_ms);
    return own.length === 0 || lost(own) === 0
      ? []
      : [{ service, route, over_ms, traces: own.length, lost: lost(own) }];
  });
  const users = [...traffic.users].map(([user, traces]) => ({ user, gone: gone(traces) }));
  return {
    errors: { traces: failed.length, lost: lost(failed) },
    causes: causes.slice(0, MOST),
    causes_looked: seen.looked,
    causes_of: Math.max(seen.of, seen.looked),
    slow: slow.sort((a, b) => b.lost - a.lost).slice(0, SOME),
    routes: traffic.routes
      .map(({ service, route, traces }) => ({ service, route, traces: traces.length, gone: gone(traces) }))
      .filter((each) => each.gone > 0.5)
      .slice(0, MOST),
    users: {
      field: traffic.userField,
      of: users.length,
      gone: users.reduce((sum, each) => sum + each.gone, 0),
      some: users
        .filter((each) => each.gone > 0.99)
        .slice(0, SOME)
        .map(({ user }) => user),
    },
  };
}

/** COUNT, error rate and P95 of the routes with the most traces: the truth, and what kept spans would say. */
export function figuresOf(traffic: Traffic, decisions: Decisions): Trial['figures'] {
  return traffic.routes.slice(0, MOST).map((route) => ({
    service: route.service,
    route: route.route,
    ...figures(traffic, route, decisions),
  }));
}

/** A root span: its weight before, the expected weight of its kept copy, and the variance that the sampling adds. */
interface Root {
  readonly duration: number;
  readonly error: number;
  readonly before: number;
  readonly after: number;
  readonly variance: number;
}

function figures(traffic: Traffic, { traces }: Route, { kept, rate, multiplies }: Decisions) {
  const { weight, failed } = traffic.recording.rows;
  const roots = traces
    .map((trace): Root => {
      const row = traffic.rootOf(trace) ?? 0;
      const before = weight[row] ?? 1;
      const own = rate[trace] ?? 1;
      const share = kept[trace] ?? 0;
      const after = share * (multiplies ? before * own : Math.max(before, own));
      // Horvitz and Thompson: a span that stands for n has a variance of n (n - 1).
      const added = multiplies ? own : Math.max(1, own / before);
      const variance = share * before ** 2 * added * (added - 1);
      return { duration: traffic.durationOf(row), error: failed[row] ?? 0, before, after, variance };
    })
    .sort((a, b) => a.duration - b.duration);
  const sum = (of: (root: Root) => number) => roots.reduce((total, root) => total + of(root), 0);
  const [truth, count] = [sum(({ before }) => before), sum(({ after }) => after)];
  const ratio = (total: number, of: 'before' | 'after') =>
    total === 0 ? 0 : sum((root) => root.error * root[of]) / total;
  const errors = ratio(count, 'after');
  const spread = (of: (root: Root) => number) =>
    SURE * Math.sqrt(sum((root) => root.variance * of(root) ** 2));
  const relative = (value: number) => (count === 0 ? 0 : value / count);
  const p95 = quantile(roots, 'after', SLOW_SHARE);
  const rank = relative(spread(({ duration }) => (duration <= p95 ? 1 : 0) - SLOW_SHARE));
  return {
    count: around(
      truth,
      count,
      spread(() => 1),
    ),
    error_rate: around(ratio(truth, 'before'), errors, relative(spread(({ error }) => error - errors))),
    p95_ms: {
      truth: quantile(roots, 'before', SLOW_SHARE),
      kept: p95,
      low: quantile(roots, 'after', SLOW_SHARE - rank),
      high: quantile(roots, 'after', Math.min(1, SLOW_SHARE + rank)),
    },
  };
}

function around(truth: number, kept: number, spread: number): Figure {
  return { truth, kept, low: Math.max(0, kept - spread), high: kept + spread };
}

/** The duration below which a share of the weight lies. @param roots by duration */
function quantile(roots: readonly Root[], of: 'before' | 'after', share: number): number {
  const total = roots.reduce((sum, root) => sum + root[of], 0);
  let passed = 0;
  for (const root of roots) {
    passed += root[of];
    if (root[of] > 0 && passed >= share * total - 1e-9 * total) return root.duration;
  }
  return 0;
}
