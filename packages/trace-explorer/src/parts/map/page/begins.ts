import type { ServiceMap } from '../server/schemas.ts';
import type { IsHigh } from './shown-map.ts';

/** Whether failures begin at a service: more than its failed calls of others can have caused are too many, by the same rule. */
export function failuresBegin(
  { services, calls }: Pick<ServiceMap, 'services' | 'calls'>,
  isHigh: IsHigh,
): ReadonlySet<string> {
  const passedOn = new Map<string, number>();
  for (const { from, errors } of calls) passedOn.set(from, (passedOn.get(from) ?? 0) + errors);
  return new Set(
    services.flatMap(({ name, count, errors }) => {
      const own = Math.max(0, errors - (passedOn.get(name) ?? 0));
      return isHigh(name, { errors: own, error_share: own / Math.max(1, count) }) ? [name] : [];
    }),
  );
}
