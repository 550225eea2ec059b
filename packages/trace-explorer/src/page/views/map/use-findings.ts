import type { RouteFindings } from '../../../overview/findings.ts';
import { overviewPath } from '../../../places/first-read.ts';
import { hrefOf } from '../../../places/place.ts';
import type { Range } from '../../../places/shown-range.ts';
import { useJson } from '../../ask/use-load.ts';

/** The findings in traces that begin in a service. */
export interface ServiceFindings {
  /** The number of different findings, by route and rule. */
  readonly count: number;
  /** All in words. */
  readonly text: string;
  /** A trace with the finding that is in most traces. */
  readonly href: string;
}

/** Reads findings after the map is shown, by the service in which their traces begin. @param map the map beside which they stand */
export function useFindings(range: Range, map: object): ReadonlyMap<string, ServiceFindings> {
  const load = useJson<RouteFindings>(overviewPath(range, '/findings'), [map]);
  const findings = load.stale ? [] : (load.value?.findings ?? []);
  return new Map(
    [...Map.groupBy(findings, ({ service }) => service)].map(([service, own]) => [service, describe(own)]),
  );
}

function describe(findings: RouteFindings['findings']): ServiceFindings {
  const [first] = findings;
  const lines = findings.map(({ name, sentence }) => `${name}: ${sentence}`);
  return {
    count: findings.length,
    text: ['Findings in traces that begin here:', ...lines].join('\n'),
    href: hrefOf({
      view: 'trace',
      id: first?.trace_id ?? '',
      params: first === undefined ? {} : { finding: first.finding },
    }),
  };
}
