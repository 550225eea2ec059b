import type { Static } from 'typebox';
import Type from 'typebox';
import type { RouteFindings } from '../overview/findings.ts';
import { DEFAULT_TIME_RANGE } from '../query/parse/query-spec.ts';
import { readBySchema } from '../query/parse/read-by-schema.ts';
import type { Ask } from '../shared/ask.ts';
import { RULE_NAMES } from '../traces/findings/rules.ts';
import type { Outcome } from './evaluate.ts';
import { isBeyond } from './evaluate.ts';
import { Threshold } from './trigger.ts';

const { op, value } = Threshold.properties;
const text = Type.Optional(Type.String());

/** A trigger of our own beside Honeycomb's: how many traces may have a finding. */
const FindingTrigger = Type.Object({
  name: Type.String({ minLength: 1 }),
  description: text,
  finding: Type.Enum(RULE_NAMES),
  route: text,
  service: text,
  time_range: Type.Optional(Type.Integer({ minimum: 1, maximum: 9e9, default: DEFAULT_TIME_RANGE })),
  threshold: Type.Object({ op, value }),
  disabled: Type.Optional(Type.Boolean({ default: false })),
});
export type FindingTrigger = Static<typeof FindingTrigger>;

/** Reads such a trigger from its JSON. @throws QueryError (validation-failed) that lists every problem, and the rules */
export function parseFindingTrigger(input: unknown): FindingTrigger {
  return readBySchema(FindingTrigger, input);
}

/**
 * Counts the traces that have the finding, among those of the route (or of all) in the trigger's time. Of very many traces
 * a sample is looked at, and the outcome is marked as estimated. Where there is no trace, the outcome is `no_data`.
 * @param at milliseconds since the epoch that the time ends with
 * @param page where the page is, without a slash at its end
 * @throws Error when the explorer does not answer
 */
export async function evaluateFinding(
  { name, finding: rule, route, service, threshold, time_range: range = DEFAULT_TIME_RANGE }: FindingTrigger,
  ask: Ask,
  { at, page }: { readonly at: number; readonly page: string },
): Promise<Outcome> {
  // Traces of the present second count.
  const end = Math.floor(at / 1000) + 1;
  const search = new URLSearchParams({
    start_time: String(Math.max(0, end - range)),
    end_time: String(end),
    rule,
    ...(route !== undefined && { name: route }),
    ...(service !== undefined && { service }),
  });
  const { traces, of, findings } = await ask<RouteFindings>(`/api/overview/findings?${search}`);
  const value = findings.reduce((sum, each) => sum + each.traces, 0);
  const isGone = traces === 0;
  const fires = !isGone && isBeyond(value, threshold);
  const [first] = findings;
  const place =
    first === undefined
      ? `/?start=${end - range}&end=${end}`
      : `/trace/${first.trace_id}?finding=${encodeURIComponent(first.finding)}`;
  return {
    name,
    status: isGone ? 'no_data' : fires ? 'fires' : 'holds',
    calculation: `COUNT(${rule})`,
    threshold: { ...threshold, exceeded_limit: 1 },
    ...(isGone ? { reason: `there is no trace${route === undefined ? '' : ` of ${route}`}` } : { value }),
    groups: (fires ? findings : []).map(({ service, name, sentence, traces }) => {
      return { group: { service, name, sentence }, value: traces };
    }),
    groups_total: fires ? findings.length : 0,
    start_time: end - range,
    end_time: end,
    estimated: traces < of,
    link: page + place,
  };
}
