import '../../../page/common.ts';
import type { ComponentChildren } from 'preact';
import { useLayoutEffect, useState } from 'preact/hooks';
import type { Place } from '../../../core/places/place.ts';
import { rangePlace } from '../../../core/places/shown-range.ts';
import { nameOf, stretchOf, titleOf } from '../../../core/runs/run-words.ts';
import type { Run } from '../../../core/runs/schemas.ts';
import { searchOf } from '../../../core/shared/search-of.ts';
import { useJson } from '../../../page/api/use-load.ts';
import { setParams } from '../../../page/browser/router.ts';
import { Link } from '../../../page/components/link.tsx';
import { PagedTable } from '../../../page/components/paged-table.tsx';
import { Loaded } from '../../../page/components/states/loaded.tsx';
import type { SectionProps } from '../../../page/part.ts';
import { formatCount, formatTime } from '../../../page/values/format.ts';
import { partsOf, summaryOf } from '../report-parts.ts';
import type { RunReport } from '../server/schemas.ts';

/** With two stored runs, a link to the changes of the newest run; the page behind it takes any two runs. */
export default function RunList({ params, turn }: SectionProps) {
  const { value } = useJson<{ runs: Run[] }>('/api/runs', [turn]);
  const runs = value?.runs ?? [];
  if (params.compare !== undefined && value !== undefined)
    return <ComparedRuns runs={runs} params={params} />;
  const base = runs[1]?.id;
  if (base === undefined) return null;
  return (
    <Link isAction to={{ view: 'overview', params: { ...params, compare: base } }}>
      Compare runs
    </Link>
  );
}

function ComparedRuns({ runs, params }: { runs: readonly Run[]; params: Place['params'] }) {
  const load = useJson<RunReport>(`/api/report?${searchOf({ run: params.run, base: params.compare })}`);
  // A link may name a run by its name or branch. The report says which run is meant.
  const idOf = (wanted: string | undefined, meant: Run | undefined) =>
    runs.find(({ id }) => id === wanted)?.id ?? meant?.id;
  const picked = {
    run: idOf(params.run, load.value?.run),
    compare: idOf(params.compare, load.value?.base),
  };
  return (
    <section class="runs" aria-labelledby="runs">
      <h2 id="runs">Runs</h2>
      <p class="muted">Choose a run to count its causes: the explorer then reads its traces.</p>
      <RunTable runs={runs} picked={picked} report={load.value} />
      <Loaded load={load} what="Comparing the runs">
        {(report) => <Report report={report} />}
      </Loaded>
    </section>
  );
}

/** The ids of two runs, by the params that name them. */
type Picked = Readonly<Record<'run' | 'compare', string | undefined>>;

/** The runs, newest first, each with its outcome. */
interface RunTableProps {
  readonly runs: readonly Run[];
  readonly picked: Picked;
  readonly report: RunReport | undefined;
}

function RunTable({ runs, picked, report }: RunTableProps) {
  // A count stays when another run is chosen.
  const [causes, setCauses] = useState(new Map<string | undefined, number | undefined>());
  useLayoutEffect(() => {
    const { run, base, base_causes } = report ?? {};
    setCauses((known) => new Map([...known, [base?.id, base_causes], [run?.id, report?.causes.length]]));
  }, [report]);
  const pick = (param: 'run' | 'compare', title: string) => ({
    key: param,
    title,
    cell: ({ id, name }: Run) => (
      <input
        type="radio"
        name={param}
        aria-label={`${title} ${name}`}
        checked={picked[param] === id}
        onChange={() => setParams({ [param]: id })}
      />
    ),
  });
  const column = (title: string, cell: (run: Run) => ComponentChildren, numeric = false) => ({
    key: title,
    title,
    cell,
    numeric,
  });
  return (
    <PagedTable
      caption="Runs"
      rows={runs}
      keyOf={({ id }) => id}
      columns={[
        pick('run', 'Run'),
        pick('compare', 'compared with'),
        column('Began', (run) => (
          <Link to={rangePlace('overview', stretchOf(run))}>{formatTime(Date.parse(run.first))}</Link>
        )),
        column('Command', ({ command }) => command),
        column('Commit', (run) => run.name !== run.command && nameOf(run)),
        column('Requests', ({ requests, errors }) => counted(requests, errors), true),
        column('Causes', ({ id }) => causes.get(id) ?? '–', true),
        column('Tests', ({ tests, failed }) => counted(tests, failed), true),
      ]}
    />
  );
}

function counted(all: number, failed: number): string {
  return `${formatCount(all)}${failed > 0 ? `, ${formatCount(failed)} failed` : ''}`;
}

function Report({ report }: { report: RunReport }) {
  return (
    <>
      <h3>{titleOf(report.run, report.base)}</h3>
      <p>{summaryOf(report)}</p>
      {partsOf(report).map(({ title, lines }) => (
        <section key={title}>
          <h4>{title}</h4>
          <ul>
            {lines.map(({ say, place }) => {
              const text = say((each) => each);
              return (
                <li key={text}>
                  <Link to={place}>{text}</Link>
                </li>
              );
            })}
          </ul>
        </section>
      ))}
    </>
  );
}
