import type { Run } from '../../../compare/comparison.ts';
import type { Place } from '../../../places/place.ts';
import { hrefOf } from '../../../places/place.ts';
import type { RunReport } from '../../../report/report.ts';
import type { ReportPart } from '../../../report/report-parts.ts';
import { failingPart, longestPart, partsOf, summaryOf } from '../../../report/report-parts.ts';
import { useJson } from '../../ask/use-load.ts';
import { setParams } from '../../browser/router.ts';
import { Loaded } from '../../components/states/loaded.tsx';
import { formatCount } from '../../values/format.ts';

/** Runs of the list. Older ones have their addresses, too. */
const LISTED = 20;
/** Characters of a revision. */
const SHORT = 12;

interface Props {
  readonly runs: readonly Run[];
  /** Id, name or branch of a run. */
  readonly base: string;
  readonly head: string | undefined;
  readonly params: Place['params'];
}

/** The stored runs, of which two are picked, and what changed between these. */
export function ComparedRuns({ runs, base, head, params }: Props) {
  const isRun = (run: Run, wanted: string) => [run.id, run.name, run.branch].includes(wanted);
  const before = runs.find((run) => run.id === base) ?? runs.find((run) => isRun(run, base));
  const now = head === undefined ? runs.find((run) => run !== before) : runs.find((run) => isRun(run, head));
  const path = `/api/report?${new URLSearchParams({ run: now?.id ?? head ?? '', base: before?.id ?? base })}`;
  const load = useJson<RunReport>(path);
  return (
    <section class="compared-runs" aria-labelledby="compared-runs">
      <h2 id="compared-runs">Runs</h2>
      <div class="run-table">
        <table>
          <thead>
            <tr>
              {['Base', 'Run', 'When', 'Command', 'Commit', 'Requests', 'Errors', 'Tests'].map((title) => (
                <th key={title} scope="col">
                  {title}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {runs.slice(0, LISTED).map((run) => (
              <RunRow key={run.id} run={run} isBase={run === before} isHead={run === now} params={params} />
            ))}
          </tbody>
        </table>
      </div>
      <Loaded load={load} what="Comparing the runs">
        {(report) => <Report report={report} />}
      </Loaded>
    </section>
  );
}

interface RowProps extends Pick<Props, 'params'> {
  readonly run: Run;
  readonly isBase: boolean;
  readonly isHead: boolean;
}

function RunRow({ run, isBase, isHead, params }: RowProps) {
  const { id, command = '', name, branch, first, last, requests, errors, tests, failed } = run;
  const seconds = (time: string, more: number) => String(Math.floor(Date.parse(time) / 1000) + more);
  const { last: _, ...others } = params;
  const range = { ...others, start: seconds(first, 0), end: seconds(last, 1) };
  const commit = name === command || name === id ? '' : name.slice(0, SHORT);
  const pick = (label: string, isPicked: boolean, param: 'compare' | 'run') => (
    <td>
      <input
        type="radio"
        name={param}
        aria-label={`${label}: ${name}`}
        checked={isPicked}
        onChange={() => setParams({ [param]: id })}
      />
    </td>
  );
  return (
    <tr>
      {pick('Base', isBase, 'compare')}
      {pick('Run', isHead, 'run')}
      <td>
        <a href={hrefOf({ view: 'overview', params: range })} title="Show this run's time">
          {new Date(first).toLocaleString()}
        </a>
      </td>
      <td>
        <bdi>{command || id}</bdi>
      </td>
      <td>
        <bdi>{branch === undefined ? commit : `${branch} ${commit}`}</bdi>
      </td>
      <td class="numeric">{formatCount(requests)}</td>
      <td class="numeric">{formatCount(errors)}</td>
      <td class="numeric">{failed === 0 ? formatCount(tests) : `${formatCount(tests)}, ${failed} ✗`}</td>
    </tr>
  );
}

function Report({ report }: { report: RunReport }) {
  const { run, base } = report;
  const parts = [...partsOf(report), failingPart(report), longestPart(report)];
  return (
    <>
      <h3>{base === undefined ? run.name : titleOf(run, base)}</h3>
      <p>{summaryOf(report)}</p>
      {parts.map((part) => (
        <Part key={part.title} part={part} />
      ))}
    </>
  );
}

function Part({ part: { title, lines } }: { part: ReportPart }) {
  if (lines.length === 0) return null;
  return (
    <section>
      <h4>{title}</h4>
      <ul>
        {lines.map(({ say, traceId, baseTraceId }) => {
          const text = say((each) => each);
          const params = baseTraceId ? { compare: baseTraceId } : {};
          return (
            <li key={text}>
              {traceId ? <a href={hrefOf({ view: 'trace', id: traceId, params })}>{text}</a> : text}
            </li>
          );
        })}
      </ul>
    </section>
  );
}

/** Runs by their branches where these differ, else by their names too. */
function titleOf(head: Run, base: Run): string {
  const areApart = head.branch !== base.branch;
  const nameOf = ({ name, branch }: Run) =>
    branch === undefined ? name : areApart ? branch : `${branch} ${name.slice(0, SHORT)}`;
  return `${nameOf(head)} compared with ${nameOf(base)}`;
}
