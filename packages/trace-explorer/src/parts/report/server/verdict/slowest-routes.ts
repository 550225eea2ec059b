import type { RunReading } from '../read-run.ts';
import type { VerdictRoute } from './schemas.ts';

/** Routes that an ending tells. */
const MOST = 3;
/** Of fewer requests the 95th percentile is their slowest one. */
const LEAST_FOR_P95 = 20;

/** The routes of a run with the slowest requests, by the names that the sentences have. Times in milliseconds. */
export function slowestRoutes({ tests }: RunReading): VerdictRoute[] {
  const all = [...tests.values()].flatMap(({ routes }) => [...routes.values()]);
  const byName = Map.groupBy(
    all.filter(({ route, times }) => route !== '' && times.length > 0),
    ({ service, route }) => JSON.stringify([service, route]),
  );
  const told = [...byName.values()].flatMap((of) => {
    const times = of.flatMap((each) => each.times).toSorted((a, b) => a - b);
    const [first] = of;
    const at = (share: number) => rounded(times[Math.ceil(share * times.length) - 1] ?? 0);
    if (first === undefined) return [];
    const { service, route, isMessage } = first;
    return {
      ...({ service, route, unit: isMessage ? 'message' : 'request', requests: times.length } as const),
      ...{
        median_ms: at(0.5),
        ...(times.length >= LEAST_FOR_P95 && { p95_ms: at(0.95) }),
        slowest_ms: at(1),
      },
    };
  });
  return told.toSorted((a, b) => b.slowest_ms - a.slowest_ms).slice(0, MOST);
}

/** Microseconds are as exact as a person reads. */
function rounded(milliseconds: number): number {
  return Math.round(milliseconds * 1e3) / 1e3;
}
