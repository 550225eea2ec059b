import type { ServiceMap } from '../server/schemas.ts';
import { isHigh } from './shown-map.ts';

/** Whether failures begin at a service: more than its failed calls of others can have caused are too many, by the same rule. */
export function failuresBegin({
  services,
  calls,
}: Pick<ServiceMap, 'services' | 'calls'>): ReadonlySet<string> {
  const passedOn = new Map<string, number>();
  for (const { from, errors } of calls) passedOn.set(from, (passedOn.get(from) ?? 0) + errors);
  return new Set(
    services.flatMap((service) => {
      const { name, count } = service;
      const errors = Math.max(0, service.errors - (passedOn.get(name) ?? 0));
      return isHigh({ ...service, errors, error_share: errors / Math.max(1, count) }) ? [name] : [];
    }),
  );
}
