import type { RouteFindings } from '../../../overview/findings.ts';
import type { Overview } from '../../../overview/overview.ts';
import { overviewPath } from '../../../places/first-read.ts';
import type { Range } from '../../../places/shown-range.ts';
import { useJson } from '../../ask/use-load.ts';
import { formatCount } from '../../values/format.ts';
import { FigureList, ServiceText } from './figure-list.tsx';

const ROWS = 6;

/** Findings by route. They are read after the figures of the same range. */
export function FindingsList({ overview, range }: { overview: Overview; range: Range }) {
  const load = useJson<RouteFindings>(overviewPath(range, '/findings'), [overview]);
  const value = load.stale ? undefined : load.value;
  const { traces = 0, of = 0, findings = [] } = value ?? {};
  const looked = traces < of ? `${formatCount(traces)} of ${formatCount(of)}` : formatCount(of);
  const isSample = traces < of;
  const none = load.busy
    ? 'Looking into the traces …'
    : load.error === undefined
      ? 'Nothing is wrong with these traces.'
      : 'They could not be read.';
  return (
    <FigureList
      title={value === undefined ? 'Findings' : `Findings in ${looked} ${of === 1 ? 'trace' : 'traces'}`}
      heads={[isSample ? 'traces looked at' : 'traces']}
      none={none}
      rows={findings
        .slice(0, ROWS)
        .map(({ service, name, rule, sentence, traces, of, trace_id, finding }) => ({
          key: JSON.stringify([service, name, rule]),
          place: { view: 'trace', id: trace_id, params: { finding } },
          name: (
            <ServiceText
              service={service}
              text={`${rule.replaceAll('-', ' ')}: ${sentence}`}
              title={`${name}: ${sentence}`}
            />
          ),
          figures: [
            <span key="traces" title={isSample ? sampleText(traces, of, value?.of ?? of) : undefined}>
              {`${formatCount(traces)} of ${formatCount(of)}`}
            </span>,
          ],
        }))}
    />
  );
}

/** Says that a share of a chosen sample is no rate. */
function sampleText(found: number, looked: number, all: number): string {
  return `In ${formatCount(found)} of the ${formatCount(looked)} traces of this route that were looked at. ${formatCount(all)} traces of all routes began in this time.`;
}
