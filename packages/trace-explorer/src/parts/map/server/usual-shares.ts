import { BAD_SHARE, ENOUGH } from '../../../core/range/bad-share.ts';
import { rangeBefore } from '../../../core/range/range-before.ts';
import type { TimeRange } from '../../../core/shared/time-range.ts';
import type { SpanStore } from '../../../core/store/store.ts';
import type { RangeOptions } from '../../../core/traces/read/spans-in-range.ts';
import { readWork } from './read-map.ts';
import type { ServiceMap } from './schemas.ts';

/** The map with the usual share of failures of each service, when a service fails so seldom that the usual decides. */
export async function withUsualShares(
  map: ServiceMap,
  store: SpanStore,
  range: TimeRange,
  options: RangeOptions,
): Promise<ServiceMap> {
  const isSeldom = map.services.some(({ errors, error_share }) => errors > 0 && error_share <= BAD_SHARE);
  const before = isSeldom ? await rangeBefore(store, range, options) : undefined;
  if (before === undefined) return map;
  const work = await readWork(store, before, options);
  const services = map.services.map((service) => {
    const usual = service.type === 'service' ? work.get(service.name) : undefined;
    return usual === undefined || usual.count < ENOUGH
      ? service
      : { ...service, usual_error_share: usual.error_share };
  });
  return { ...map, services };
}
