import { getOrMake } from '../../../lib/get-or-make.ts';
import type { Inspection } from '../../causes/server/inspection.ts';
import type { Decisions } from './decide/decisions.ts';
import type { Figure, Lost, Trial, Volume } from './schemas.ts';
import type { Root, Traffic } from './traffic.ts';

/** Hours of a month. */
export const MONTH_HOURS = 730;
/** Causes, routes, users and rules in the answer. */
const MOST = 100;
const SOME = 20;
/** The slowest twentieth of a route is slow. */
const SLOW_SHARE = 0.95;
/** Standard deviations on each side that 19 of 20 cases need. */
const SURE = 1.96;

/** The kept traffic, as expected where chance decides. All of it without decisions. */
export function volumeOf({ volumes }: Traffic, hours: number, decisions?: Decisions): Volume {
  const sum = (values: readonly number[]) =>
    values.reduce((total, value, trace) => total + value * (decisions?.kept[trace] ?? 1), 0);
  const [spans, span_events, links] = [sum(volumes.spans), sum(volumes.events), sum(volumes.links)];
  const bytes = sum(volumes.bytes);
  const events = spans + span_events + links;
  const months = hours > 0 ? MONTH_HOURS / hours : 0;
  return {
    traces: sum(volumes.traces),
    spans,
    events,
    span_events,
    links,
    events_weighted: sum(volumes.weighted),
    bytes,
    events_month: events * months,
    gb_month: (bytes * months) / 1e9,
  };
}

/** Traces and kept events by the rule that decided. */
export function byRule({ volumes: { traces, spans, events, links } }: Traffic, { kept, rule }: Decisions) {
  const rules = new Map<string, { rule: string; traces: number; kept: number; events: number }>();
  for (const [trace, name] of rule.entries()) {
    const own = getOrMake(rules, name, () => ({ rule: name, traces: 0, kept: 0, events: 0 }));
    const share = kept[trace] ?? 0;
    own.traces += traces[trace] ?? 0;
    own.kept += share * (traces[trace] ?? 0);
    own.events += share * ((spans[trace] ?? 0) + (events[trace] ?? 0) + (links[trace] ?? 0));
  }
  return [...rules.values()].sort((a, b) => b.kept - a.kept || b.traces - a.traces).slice(0, MOST);
}

/** The losses. */
export function lostOf(traffic: Traffic, { kept }: Decisions, inspection: Inspection): Lost {
  const lossOf = (traces: readonly number[]) => ({
    traces: traces.length,
    lost: traces.reduce((sum, trace) => sum + 1 - (kept[trace] ?? 0), 0),
    gone: traces.length === 0 ? 0 : traces.reduce((all, trace) => all * (1 - (kept[trace] ?? 0)), 1),
  });
  const causes = inspection.causes.map(({ id, rule, sentence, routes }) => ({
    ...{ id, rule, sentence },
    routes: routes.map(({ name }) => name),
    ...lossOf(inspection.traceIds(id).flatMap((traceId) => traffic.numbers.get(traceId) ?? [])),
  }));
  const lossAt = (roots: readonly Root[]) => lossOf(roots.map(({ trace }) => trace));
  const slow = traffic.routes.map(({ service, route, roots }) => {
    const durations = roots.map(({ ms }) => ms).sort((a, b) => a - b);
    const over_ms = durations[Math.ceil(SLOW_SHARE * durations.length) - 1] ?? 0;
    return { service, route, over_ms, ...lossAt(roots.filter(({ ms }) => ms > over_ms)) };
  });
  const routes = traffic.routes.map(({ service, route, roots }) => ({ service, route, ...lossAt(roots) }));
  const users = [...traffic.users].map(([user, traces]) => ({ user, gone: lossOf(traces).gone }));
  return {
    errors: lossOf(traffic.failed),
    causes: causes
      .filter((cause) => cause.lost > 0)
      .sort((a, b) => b.gone - a.gone || b.lost - a.lost)
      .slice(0, MOST),
    causes_looked: inspection.looked,
    causes_of: inspection.of,
    slow: slow
      .filter((route) => route.lost > 0)
      .sort((a, b) => b.lost - a.lost)
      .slice(0, SOME),
    routes: routes.filter((route) => route.gone > 0.5).slice(0, MOST),
    users: {
      field: traffic.userField,
      of: users.length,
      gone: users.reduce((sum, user) => sum + user.gone, 0),
      some: users
        .filter((user) => user.gone > 0.99)
        .slice(0, SOME)
        .map(({ user }) => user),
    },
  };
}

/**
 * COUNT, error rate and P95 of the routes with the most traces: the truth, and the values of the kept spans.
 * @param multiplies whether the rate multiplies the rate that a span has already. Else the larger one of both stays.
 */
export function figuresOf(traffic: Traffic, decisions: Decisions, multiplies: boolean): Trial['figures'] {
  return traffic.routes
    .slice(0, MOST)
    .map(({ service, route, roots }) => ({ service, route, ...figures(roots, decisions, multiplies) }));
}

type Weighed = ReturnType<typeof weigh>;

/** A first span: its weight before, the expected weight of its kept copy, and the variance that the sampling adds. */
function weigh({ trace, ms, failed, weight: before }: Root, { kept, rate }: Decisions, multiplies: boolean) {
  const own = rate[trace] ?? 1;
  const share = kept[trace] ?? 0;
  const after = share * (multiplies ? before * own : Math.max(before, own));
  // Horvitz and Thompson: a span that stands for n has a variance of n (n - 1).
  const added = multiplies ? own : Math.max(1, own / before);
  return { ms, error: Number(failed), before, after, variance: share * before ** 2 * added * (added - 1) };
}

function figures(roots: readonly Root[], decisions: Decisions, multiplies: boolean) {
  const spans = roots.map((root) => weigh(root, decisions, multiplies)).sort((a, b) => a.ms - b.ms);
  const sum = (of: (span: Weighed) => number) => spans.reduce((total, span) => total + of(span), 0);
  const [truth, count] = [sum(({ before }) => before), sum(({ after }) => after)];
  const ratio = (total: number, of: 'before' | 'after') =>
    total === 0 ? 0 : sum((span) => span.error * span[of]) / total;
  const errors = ratio(count, 'after');
  const spread = (of: (span: Weighed) => number) =>
    SURE * Math.sqrt(sum((span) => span.variance * of(span) ** 2));
  const relative = (value: number) => (count === 0 ? 0 : value / count);
  const p95 = quantile(spans, 'after', SLOW_SHARE);
  // Woodruff: the durations at the ranks between which the true share lies below the P95.
  // The span of the P95 counts once as below, once as above: few spans are above, and one more makes a difference.
  const ranks = relative(
    Math.max(
      spread(({ ms }) => Number(ms <= p95) - SLOW_SHARE),
      spread(({ ms }) => Number(ms < p95) - SLOW_SHARE),
    ),
  );
  // Beyond the slowest kept span nothing says how slow the others were.
  const isBounded = count > 0 && SLOW_SHARE + ranks < 1;
  return {
    count: around(
      truth,
      count,
      spread(() => 1),
    ),
    error_rate: around(ratio(truth, 'before'), errors, relative(spread(({ error }) => error - errors))),
    p95_ms: {
      truth: quantile(spans, 'before', SLOW_SHARE),
      kept: p95,
      ...(isBounded && {
        low: quantile(spans, 'after', SLOW_SHARE - ranks),
        high: quantile(spans, 'after', SLOW_SHARE + ranks),
      }),
    },
  };
}

function around(truth: number, estimate: number, spread: number): Figure {
  return { truth, kept: estimate, low: Math.max(0, estimate - spread), high: estimate + spread };
}

/** The duration below which a share of the weight lies. @param spans by duration */
function quantile(spans: readonly Weighed[], of: 'before' | 'after', share: number): number {
  const total = spans.reduce((sum, span) => sum + span[of], 0);
  let passed = 0;
  for (const span of spans) {
    passed += span[of];
    if (span[of] > 0 && passed >= share * total - 1e-9 * total) return span.ms;
  }
  return 0;
}
