import type { Static } from 'typebox';
import Type from 'typebox';
import type { Place } from '../../../core/places/place.ts';
import { linkTo, tracePlace } from '../../../core/places/place.ts';
import { openSightings } from '../../../core/problems/judge.ts';
import type { Causes, Sighting } from '../../../core/problems/schemas.ts';
import { DEFAULT_TIME_RANGE } from '../../../core/query/parse/limits.ts';
import { RULE_NAMES } from '../../../core/traces/findings/rules.ts';
import type { Ask } from '../../../lib/request-json.ts';
import { searchOf } from '../../../lib/text/search-of.ts';
import type { TriggerOutcome } from './evaluate.ts';
import { isBeyond } from './evaluate.ts';
import { Threshold } from './trigger.ts';

const { op, value } = Threshold.properties;
const text = Type.Optional(Type.String());
/** Seconds to look at all sampled traces: their weights count only together. */
const MOST_SECONDS = 20;

/** Fewer stored traces with a finding count as they are: they decide nothing about those that they stand for. */
const LEAST_STORED = 3;

/** A trigger that Honeycomb lacks: on the number of traces with a finding. */
export const FindingTrigger = Type.Object({
  name: Type.String({ minLength: 1 }),
  description: text,
  finding: Type.Enum(RULE_NAMES),
  route: text,
  service: text,
  time_range: Type.Optional(Type.Integer({ minimum: 1, maximum: 9e9, default: DEFAULT_TIME_RANGE })),
  threshold: Type.Object({ op, value }),
  known: Type.Optional(
    Type.Boolean({
      default: true,
      description: 'false: without the problems that the project has accepted',
    }),
  ),
  disabled: Type.Optional(Type.Boolean({ default: false })),
});
export type FindingTrigger = Static<typeof FindingTrigger>;

/** Whether a project has accepted a kind of sighting. */
export type IsKnown = (kind: Sighting) => boolean;

/**
 * Counts the traces with the finding, among the traces of the route (or of all routes) in the trigger's time. Of very many
 * traces a sample is examined, and the outcome is marked as estimated. Without any trace, the outcome is `no_data`.
 * @param at end of the time range, in milliseconds since the epoch
 * @param page URL of the page, without a slash at its end
 * @param isKnown whether the project has accepted a kind of sighting; default: as the explorer says of the cause
 * @throws Error when the explorer does not answer
 */
export async function evaluateFinding(
  { time_range: range = DEFAULT_TIME_RANGE, ...trigger }: FindingTrigger,
  ask: Ask,
  { at, page, isKnown }: { readonly at: number; readonly page: string; readonly isKnown?: IsKnown },
): Promise<TriggerOutcome> {
  const { name, finding: rule, route, service, threshold, known } = trigger;
  // Includes traces of the present second.
  const end = Math.floor(at / 1000) + 1;
  const search = {
    start_time: Math.max(0, end - range),
    end_time: end,
    rule,
    name: route,
    service,
    ...(known === false && { sightings: true }),
  };
  const look = (seconds?: number) => ask<Causes>(`/api/causes?${searchOf({ ...search, seconds })}`);
  const first = await look();
  const answer =
    first.of_estimated !== undefined && first.looked < first.of ? await look(MOST_SECONDS) : first;
  const { looked, found, found_estimated, of, causes } = known === false ? openOf(answer, isKnown) : answer;
  const value = found_estimated === undefined || found < LEAST_STORED ? found : found_estimated;
  const isGone = looked === 0;
  const fires = !isGone && isBeyond(value, threshold);
  const [worst] = causes;
  const place: Place =
    worst?.trace_id === undefined
      ? { view: 'overview', params: { start: String(end - range), end: String(end) } }
      : { ...tracePlace(worst.trace_id), params: worst.finding ? { finding: worst.finding } : {} };
  return {
    name,
    status: isGone ? 'no_data' : fires ? 'fires' : 'holds',
    calculation: `COUNT(${rule})`,
    threshold: { ...threshold, exceeded_limit: 1 },
    ...(isGone
      ? { reason: `there is no trace${route === undefined ? '' : ` of ${route}`}` }
      : { value, ...(found_estimated !== undefined && { seen: found }) }),
    groups: (fires ? causes : []).map(({ service, name, sentence, traces }) => {
      return { group: { service, name, sentence }, value: traces };
    }),
    groups_total: fires ? causes.length : 0,
    start_time: end - range,
    end_time: end,
    estimated: looked < of,
    link: linkTo(page, place),
  };
}

/** The causes without what is accepted, and the traces that show the rest: each once, and of samples each by its rate. */
function openOf(answer: Causes, isKnown: IsKnown | undefined): Causes {
  const isEstimated = answer.found_estimated !== undefined;
  const all = new Map<string, number>();
  const causes = answer.causes.flatMap((cause) => {
    const open = openSightings(cause, isKnown);
    const own = new Map(open.flatMap(weightsOf));
    for (const [id, weight] of own) all.set(id, weight);
    const [first] = open;
    if (first === undefined) return [];
    const { sentence, trace_id } = open.length < (cause.sightings?.length ?? 0) ? first : cause;
    const traces = isEstimated ? sumOf(own) : own.size;
    return [{ ...cause, sentence, ...(trace_id !== undefined && { trace_id }), traces }];
  });
  return { ...answer, causes, found: all.size, ...(isEstimated && { found_estimated: sumOf(all) }) };
}

/** The traces that show a kind of sighting, and how many each of them stands for. */
function weightsOf({ trace_ids = [], trace_weights = [] }: Sighting): [string, number][] {
  return trace_ids.map((id, at) => [id, trace_weights[at] ?? 1]);
}

function sumOf(weights: ReadonlyMap<string, number>): number {
  return [...weights.values()].reduce((sum, weight) => sum + weight, 0);
}
