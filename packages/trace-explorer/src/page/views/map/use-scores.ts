import { verifyPath } from '../../../places/first-read.ts';
import type { Range } from '../../../places/shown-range.ts';
import type { Report, ServiceReport } from '../../../verify/report.ts';
import { getJson } from '../../ask/api.ts';
import { useLoad } from '../../ask/use-load.ts';

/** Reads the instrumentation's scores after the map is shown, by service. @param map the map beside which they stand */
export function useScores(range: Range, map: object): ReadonlyMap<string, ServiceReport> {
  const load = useLoad((signal) => getJson<Report>(verifyPath(range), signal), [map]);
  const services = load.stale ? [] : (load.value?.services ?? []);
  return new Map(services.map((report) => [report.service, report]));
}
