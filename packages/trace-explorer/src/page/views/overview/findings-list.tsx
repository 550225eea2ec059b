import type { RouteFindings } from '../../../overview/findings.ts';
import type { Overview } from '../../../overview/overview.ts';
import { overviewPath } from '../../../places/first-read.ts';
import type { Range } from '../../../places/shown-range.ts';
import { getJson } from '../../ask/api.ts';
import { useLoad } from '../../ask/use-load.ts';
import { ServiceName } from '../../components/services/service-name.tsx';
import { formatCount } from '../../values/format.ts';
import { FigureList } from './figure-list.tsx';

const ROWS = 6;

/** Findings by route. They are read after the figures. */
export function FindingsList({ overview, range }: { overview: Overview; range: Range }) {
  const path = overviewPath(range, '/findings');
  const { value, error } = useLoad((signal) => getJson<RouteFindings>(path, signal), [path, overview]);
  if (value === undefined && error === undefined) return null;
  const { traces = 0, of = 0, findings = [] } = value ?? {};
  const looked = traces < of ? `${formatCount(traces)} of ${formatCount(of)}` : formatCount(of);
  const none = error === undefined ? 'Nothing is wrong with these traces.' : 'They could not be read.';
  return (
    <FigureList
      title={`Findings in ${looked} traces`}
      heads={['traces']}
      none={none}
      rows={findings
        .slice(0, ROWS)
        .map(({ service, name, rule, sentence, traces, of, trace_id, finding }) => ({
          key: JSON.stringify([service, name, rule]),
          place: { view: 'trace', id: trace_id, params: { finding } },
          name: (
            <>
              <ServiceName name={service} />
              <bdi class="ellipsis" title={`${name}: ${sentence}`}>
                {`${rule.replaceAll('-', ' ')}: ${sentence}`}
              </bdi>
            </>
          ),
          figures: [`${formatCount(traces)} of ${formatCount(of)}`],
        }))}
    />
  );
}
