import type { Causes } from '../../../causes/cause.ts';
import { causesPath } from '../../../places/first-read.ts';
import { hrefOf } from '../../../places/place.ts';
import type { Range } from '../../../places/shown-range.ts';
import { useJson } from '../../ask/use-load.ts';

/** The causes at a service. */
export interface ServiceFindings {
  /** The number of causes. */
  readonly count: number;
  /** All in words. */
  readonly text: string;
  /** The page of the first cause. */
  readonly href: string;
}

/** Reads causes after the map is shown, by the service at which they are. @param map the map beside which they stand */
export function useFindings(range: Range, map: object): ReadonlyMap<string, ServiceFindings> {
  const load = useJson<Causes>(causesPath(range), [map]);
  const findings = load.stale ? [] : (load.value?.causes ?? []);
  return new Map(
    [...Map.groupBy(findings, ({ service }) => service)].map(([service, own]) => [service, describe(own)]),
  );
}

function describe(findings: Causes['causes']): ServiceFindings {
  const [first] = findings;
  const lines = findings.map(({ sentence }) => sentence);
  return {
    count: findings.length,
    text: ['What is wrong here:', ...lines].join('\n'),
    href: hrefOf({ view: 'cause', id: first?.id ?? '', params: {} }),
  };
}
