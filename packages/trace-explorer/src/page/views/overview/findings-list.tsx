import type { RouteFindings } from '../../../overview/findings.ts';
import type { Overview } from '../../../overview/overview.ts';
import { overviewPath } from '../../../places/first-read.ts';
import { getJson } from '../../api.ts';
import { ServiceName } from '../../components/services/service-name.tsx';
import { formatCount } from '../../format.ts';
import { useLoad } from '../../use-load.ts';
import { FigureList } from './figure-list.tsx';
import type { Range } from './range.ts';

const ROWS = 6;

/** Which routes have which findings, read after the figures are there. */
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
