import type { Static } from 'typebox';
import Type from 'typebox';
import { definedParams, linkTo } from '../../../core/places/place.ts';
import { rangePlace } from '../../../core/places/shown-range.ts';
import { DEFAULT_TIME_RANGE } from '../../../core/query/parse/limits.ts';
import type { Ask } from '../../../lib/request-json.ts';
import { searchOf } from '../../../lib/text/search-of.ts';
import type { Report } from '../../verify/server/schemas.ts';
import type { TriggerOutcome } from './evaluate.ts';
import { FindingTrigger } from './finding-trigger.ts';

const { name, description, time_range, disabled } = FindingTrigger.properties;

/** A trigger on the score of services: `{ "name": "…", "verify": { "min_score": 90 } }`. */
export const VerifyTrigger = Type.Object({
  name,
  description,
  verify: Type.Object({
    min_score: Type.Number({ minimum: 0, maximum: 100 }),
    service: Type.Optional(Type.String()),
  }),
  time_range,
  disabled,
});
export type VerifyTrigger = Static<typeof VerifyTrigger>;

/** Compares the lowest score of the services with the trigger's. It takes the parameters of `evaluateFinding`. */
export async function evaluateScore(
  { name, verify, time_range: range = DEFAULT_TIME_RANGE }: VerifyTrigger,
  ask: Ask,
  { at, page }: { readonly at: number; readonly page: string },
): Promise<TriggerOutcome> {
  const { min_score, ...which } = verify;
  const end_time = Math.floor(at / 1000) + 1;
  const start_time = Math.max(0, end_time - range);
  const { services } = await ask<Report>(`/api/verify?${searchOf({ start_time, end_time, ...which })}`);
  const low = services.filter(({ score }) => score < min_score);
  return {
    name,
    status: services.length === 0 ? 'no_data' : low.length > 0 ? 'fires' : 'holds',
    calculation: 'MIN(score)',
    threshold: { op: '<', value: min_score, exceeded_limit: 1 },
    ...(services[0] === undefined ? { reason: 'no service sent anything' } : { value: services[0].score }),
    groups: low.map(({ service, score }) => ({ group: { service }, value: score })),
    groups_total: low.length,
    start_time,
    end_time,
    estimated: false,
    link: linkTo(
      page,
      rangePlace('verify', { start_time, end_time }, definedParams({ service: verify.service })),
    ),
  };
}
