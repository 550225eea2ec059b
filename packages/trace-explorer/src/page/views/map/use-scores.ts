import { verifyPath } from '../../../places/first-read.ts';
import type { Range } from '../../../places/shown-range.ts';
import type { Report, ServiceReport } from '../../../verify/report.ts';
import { useJson } from '../../ask/use-load.ts';

/** Reads the instrumentation's scores after the map is shown, by service. @param map the map beside which they stand */
export function useScores(range: Range, map: object): ReadonlyMap<string, ServiceReport> {
  const load = useJson<Report>(verifyPath(range), [map]);
  const services = load.stale ? [] : (load.value?.services ?? []);
  return new Map(services.map((report) => [report.service, report]));
}
