import { bySlowness, slownessOf } from '../../../../core/problems/unit-spans.ts';
import type { RunReading } from '../read-run.ts';
import type { VerdictRoute } from './schemas.ts';

/** Routes that an ending tells. */
const MOST = 3;
/**
 * The slowest routes of a run, by the names that the sentences have. Times in milliseconds, without those of the first request of a
 * process where there are others.
 */
export function slowestRoutes({ tests }: RunReading): VerdictRoute[] {
  const all = [...tests.values()].flatMap(({ routes }) => [...routes.values()]);
  const byName = Map.groupBy(
    all.filter(({ route, times }) => route !== '' && times.length > 0),
    ({ service, route }) => JSON.stringify([service, route]),
  );
  const told = [...byName.values()].flatMap((of) => {
    const all = of.flatMap((each) => each.times);
    const others = all.filter(({ isFirst }) => !isFirst);
    const times = (others.length > 0 ? others : all).map(({ ms }) => ms).toSorted((a, b) => a - b);
    const [first] = of;
    const at = (share: number) => rounded(times[Math.ceil(share * times.length) - 1] ?? 0);
    if (first === undefined) return [];
    const { service, route, isMessage } = first;
    const [p95_ms, slowest_ms] = [at(0.95), at(1)];
    const slowness = slownessOf({ of: times.length, p95_ms, slowest_ms });
    return {
      ...slowness,
      ...({ service, route, unit: isMessage ? 'message' : 'request', requests: all.length } as const),
      ...{ median_ms: at(0.5), ...(slowness.slow_of === undefined && { p95_ms }), slowest_ms },
    };
  });
  return told
    .toSorted(bySlowness)
    .slice(0, MOST)
    .map(({ slow_ms: _, slow_of: _o, ...route }) => route);
}

/** Microseconds are as exact as a person reads. */
function rounded(milliseconds: number): number {
  return Math.round(milliseconds * 1e3) / 1e3;
}
