import { rangePlace } from '../../../core/places/shown-range.ts';
import { outcomeOf } from '../../../core/runs/exit-code.ts';
import { momentsOf, nameOf } from '../../../core/runs/run-words.ts';
import type { Run } from '../../../core/runs/schemas.ts';
import { Icon } from '../../../page/components/icon.tsx';
import { Link } from '../../../page/components/link.tsx';
import { aboutCount, counted, formatTime, plural } from '../../../page/values/format.ts';

/** A run's branch and commit, or its command. */
export function RunName({ run }: { run: Run }) {
  const { branch } = run;
  const name = nameOf(run);
  if (branch === undefined || name === branch) return <b>{name}</b>;
  return (
    <>
      <b>{branch}</b> <code class="faint">{name.slice(branch.length + 1)}</code>
    </>
  );
}

/** Where a run comes from: its folder, and its service where that has another name. */
export function placesOf({
  folder = '',
  service,
  services = 1,
}: Run): readonly [folder: string, service: string] {
  const others = services > 1 ? ` and ${counted(services - 1, 'other')}` : '';
  const isNamed = service !== undefined && service !== folder && !service.startsWith('unknown_service');
  return [folder, isNamed ? `${service}${others}` : ''];
}

/** The command of a run, which is not said twice where it is the name. */
export function commandOf(run: Run): string | undefined {
  return run.command === nameOf(run) ? undefined : run.command;
}

/** Where a run comes from, and its command. */
function RunOrigin({ run }: { run: Run }) {
  const places = placesOf(run).filter(Boolean).join(' · ');
  const own = commandOf(run);
  if (places === '' && own === undefined) return null;
  return (
    <span class="ellipsis muted" title={run.command}>
      {places}
      {own !== undefined && (
        <>
          {places && ' · '}
          <code>{own}</code>
        </>
      )}
    </span>
  );
}

/** When a run began: a link to the overview of its time. */
export function RunTime({ run }: { run: Run }) {
  return (
    <span class="faint">
      <Link class="quiet" to={rangePlace('overview', momentsOf(run))} title="The overview of its time">
        {formatTime(Date.parse(run.first))}
      </Link>
    </span>
  );
}

/** Tests and requests of a run, with those that failed. */
export function RunCounts({ run }: { run: Run }) {
  const { tests, failed, flaky = 0, requests, errors, stored, problems } = run;
  return (
    <span class="meta">
      {tests > 0 && (
        <>
          {counted(tests, 'test')}
          <Failed count={failed} />
          {flaky > 0 && `, ${flaky} flaky`}
          {outcomeOf(run) === 'ran' && `, exit code ${run.exit_code}`} ·{' '}
        </>
      )}
      {aboutCount(requests, plural(requests, 'request'), stored)}
      <Failed count={errors} stored={stored} />
      {problems !== undefined && problems > 0 && ` · ${counted(problems, 'problem')}`}
    </span>
  );
}

function Failed({ count, stored }: { count: number; stored?: number | undefined }) {
  return count === 0 ? null : (
    <>
      , <span class="error-text">{aboutCount(count, 'failed', stored)}</span>
    </>
  );
}

/** A run beside the one that it is compared with. */
export function RunCard({ run, causes }: { run: Run; causes: number | undefined }) {
  return (
    <div class="card inset column" style={{ flex: '0 1 432px' }}>
      <span class="strip">
        <Icon name="branch" />
        <span class="ellipsis grow">
          <RunName run={run} />
        </span>
        <RunTime run={run} />
      </span>
      <span class="line apart">
        <RunOrigin run={run} />
        <span>
          <RunCounts run={run} />
          {causes !== undefined && <span class="meta"> · {counted(causes, 'problem')}</span>}
        </span>
      </span>
    </div>
  );
}
