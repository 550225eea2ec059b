import type { ServiceMap } from '../../server/schemas.ts';
import type { RankedBy } from '../ranked.ts';
import { worseCall } from '../ranked.ts';

/** The callers or the callees of a service, each with its call. The most failures come first, or the most time. */
export function neighboursOf(
  { services, calls }: ServiceMap,
  name: string,
  side: 'callers' | 'callees',
  measure: RankedBy,
) {
  const [end, other] = side === 'callers' ? (['from', 'to'] as const) : (['to', 'from'] as const);
  const byName = new Map(services.map((service) => [service.name, service]));
  const own = calls.filter((call) => call[other] === name).sort(worseCall(measure));
  return own.flatMap((call) => {
    const service = byName.get(call[end]);
    // A service that is both has two boxes.
    const key = `${side} ${call[end]}`;
    const drawn = { call, from: name, to: name, [end]: key };
    return service === undefined ? [] : [{ box: { key, service }, drawn }];
  });
}
