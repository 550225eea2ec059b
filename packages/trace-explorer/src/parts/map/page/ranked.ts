import type { MapCall, MapService, ServiceMap } from '../server/schemas.ts';
import { failuresBegin } from './begins.ts';

/** The subject of the map: where requests fail, or where the time goes. */
export type RankedBy = 'errors' | 'time';

export type Ranked = ReturnType<typeof rankedBy>[number];

/**
 * Services with failed calls, or with time of their own, the worst first. The value of each is failed calls, or milliseconds
 * without the time of the services that it calls; the share, 0 to 1, is that of all services together. At equal values the
 * services where failures begin come first.
 */
export function rankedBy(measure: RankedBy, { services, calls }: ServiceMap) {
  const begin = failuresBegin({ services, calls });
  const beginsFirst = ({ name }: MapService) => (begin.has(name) ? 0 : 1);
  const called = new Map<string, number>();
  for (const { from, total_ms } of calls) called.set(from, (called.get(from) ?? 0) + total_ms);
  const ownValue = ({ name, errors, total_ms }: MapService) =>
    measure === 'errors' ? errors : Math.max(0, total_ms - (called.get(name) ?? 0));
  const valued = services
    .map((service) => ({ service, value: ownValue(service) }))
    .filter(({ value }) => value > 0)
    .sort((a, b) => b.value - a.value || beginsFirst(a.service) - beginsFirst(b.service));
  const all = valued.reduce((sum, { value }) => sum + value, 0) || 1;
  return valued.map((each) => ({ ...each, share: each.value / all }));
}

/** Calls in the order of a measure, the worst first. */
export function worseCall(measure: RankedBy): (a: MapCall, b: MapCall) => number {
  const byErrors = (a: MapCall, b: MapCall) => b.errors - a.errors;
  const byTime = (a: MapCall, b: MapCall) => b.total_ms - a.total_ms;
  return measure === 'errors'
    ? (a, b) => byErrors(a, b) || byTime(a, b) || b.count - a.count
    : (a, b) => byTime(a, b) || b.count - a.count;
}
