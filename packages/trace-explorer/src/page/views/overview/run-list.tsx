import type { Run } from '../../../compare/schemas.ts';
import type { Overview } from '../../../overview/schemas.ts';
import type { Place } from '../../../places/place.ts';
import { hrefOf } from '../../../places/place.ts';
import type { RunReport } from '../../../report/report.ts';
import type { ReportPart } from '../../../report/report-parts.ts';
import { failingPart, longestPart, partsOf, summaryOf } from '../../../report/report-parts.ts';
import { useJson } from '../../api/use-load.ts';
import { setParams } from '../../browser/router.ts';
import { Choose } from '../../components/inputs/choose.tsx';
import { Loaded } from '../../components/states/loaded.tsx';

/** Characters of a revision. */
const SHORT = 12;

/** With two stored runs, a link to the changes of the newest run; the page behind it takes any two runs. */
export function RunList({ overview, params }: { overview: Overview; params: Place['params'] }) {
  const { value } = useJson<{ runs: Run[] }>('/api/runs', [overview]);
  const runs = value?.runs ?? [];
  if (params.compare !== undefined && value !== undefined)
    return <ComparedRuns runs={runs} params={params} />;
  const base = runs[1]?.id;
  if (base === undefined) return null;
  return <a href={hrefOf({ view: 'overview', params: { ...params, compare: base } })}>Compare runs</a>;
}

function ComparedRuns({ runs, params }: { runs: readonly Run[]; params: Place['params'] }) {
  const { compare: base = '', run: head, last: _, ...others } = params;
  const find = (wanted: string) =>
    runs.find(({ id }) => id === wanted) ??
    runs.find(({ name, branch }) => name === wanted || branch === wanted);
  const before = find(base);
  const now = head === undefined ? runs.find((run) => run !== before) : find(head);
  const path = `/api/report?${new URLSearchParams({ run: now?.id ?? head ?? '', base: before?.id ?? base })}`;
  const load = useJson<RunReport>(path);
  const choices = runs.map((run) => [run.id, describe(run)] as const);
  const seconds = (time: string, more: number) => String(Math.floor(Date.parse(time) / 1000) + more);
  const range = now && { start: seconds(now.first, 0), end: seconds(now.last, 1) };
  return (
    <section class="runs" aria-labelledby="runs">
      <h2 id="runs">Runs</h2>
      <p class="line">
        <Choose label="Run" value={now?.id} choices={choices} onChoose={(run) => setParams({ run })} />
        <Choose
          label="compared with"
          value={before?.id}
          choices={choices}
          onChoose={(compare) => setParams({ compare })}
        />
        {range && <a href={hrefOf({ view: 'overview', params: { ...others, ...range } })}>Its time alone</a>}
      </p>
      <Loaded load={load} what="Comparing the runs">
        {(report) => <Report report={report} />}
      </Loaded>
    </section>
  );
}

/** When a run began, its command, and its result. */
function describe({ name, branch = '', command = '', first, requests, errors, tests, failed }: Run): string {
  const commit = name === command ? branch : `${branch} ${name.slice(0, SHORT)}`.trim();
  const what = [new Date(first).toLocaleString(), command, commit].filter((each) => each !== '');
  const counts = [`${requests} requests, ${errors} failed`, `${tests} tests, ${failed} failed`];
  return [...what, ...counts].join(' · ');
}

function Report({ report }: { report: RunReport }) {
  const { run, base = run } = report;
  const areApart = run.branch !== base.branch;
  const nameOf = ({ name, branch }: Run) =>
    branch === undefined ? name : areApart ? branch : `${branch} ${name.slice(0, SHORT)}`;
  return (
    <>
      <h3>{`${nameOf(run)} compared with ${nameOf(base)}`}</h3>
      <p>{summaryOf(report)}</p>
      {[...partsOf(report), failingPart(report), longestPart(report)].map((part) => (
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
          const content = traceId ? (
            <a href={hrefOf({ view: 'trace', id: traceId, params })}>{text}</a>
          ) : (
            text
          );
          return <li key={text}>{content}</li>;
        })}
      </ul>
    </section>
  );
}
