import { definedParams } from '../../../core/places/place.ts';
import { readParams } from '../../../core/places/read-params.ts';
import type { Run } from '../../../core/runs/schemas.ts';
import { useJson } from '../../../page/api/use-load.ts';
import type { ViewProps } from '../../../page/browser/router.ts';
import { setParams } from '../../../page/browser/router.ts';
import { pageSettings } from '../../../page/browser/settings.ts';
import { Card } from '../../../page/components/cards/card.tsx';
import { Icon } from '../../../page/components/icon.tsx';
import { CopyButton } from '../../../page/components/inputs/copy-button.tsx';
import { Link } from '../../../page/components/link.tsx';
import { usePages } from '../../../page/components/pager.tsx';
import { EmptyState } from '../../../page/components/states/empty-state.tsx';
import { Loaded } from '../../../page/components/states/loaded.tsx';
import { formatCount } from '../../../page/values/format.ts';
import { commandOf, placesOf, RunCounts, RunName, RunTime } from './run-facts.tsx';

/** Runs that leave most of a wide card empty. */
const FEW = 7;
/** A mark, the name over the command, the folder, the service, the time over the figures. */
const COLUMNS = { '--columns': 'auto minmax(0, 1fr) fit-content(16ch) fit-content(20ch) auto 16px' };
const BEGIN = `${pageSettings.command} run -- npm test`;

const RUNS_PARAMS = { pick: (ids: string) => ids.split(',').filter(Boolean) } as const;

/** `/runs`: the stored runs, the newest first. Two of them are compared, the older one as the base. */
export default function RunsView({ place }: ViewProps) {
  const { pick = [] } = readParams(RUNS_PARAMS, place.params);
  const load = useJson<{ runs: Run[] }>('/api/runs');
  return (
    <>
      <h1 class="visually-hidden">Runs</h1>
      <Loaded isView load={load} what="Looking for runs">
        {({ runs }) =>
          runs.length === 0 ? (
            <EmptyState title="No runs yet">
              <p class="line">
                <code>{BEGIN}</code>
                <CopyButton text={() => BEGIN} label="Copy" about="Copy the command" />
              </p>
              <p class="muted">
                It begins one. Spans with <code>vcs.ref.head.revision</code> are runs, too.
              </p>
            </EmptyState>
          ) : (
            <RunList runs={runs} picked={pick} />
          )
        }
      </Loaded>
    </>
  );
}
RunsView.params = () => RUNS_PARAMS;

function RunList({ runs, picked }: { runs: readonly Run[]; picked: readonly string[] }) {
  const { shown, pager } = usePages('Runs', runs);
  // The newest first, as in the list.
  const [run, base] = runs.filter(({ id }) => picked.includes(id)).map(({ id }) => id);
  const pick = (id: string, on: boolean) => {
    // The one that was picked last gives way to a third.
    const others = picked.filter((other) => other !== id).slice(0, on ? 1 : 2);
    setParams({ pick: [...others, ...(on ? [id] : [])].join(',') || undefined }, { replace: true });
  };
  return (
    <Card
      class={runs.length <= FEW ? 'card page' : 'card'}
      title="Runs"
      about={formatCount(runs.length)}
      tools={
        base === undefined ? (
          <span class="faint">Tick two to compare them.</span>
        ) : (
          <Link class="button primary" to={{ view: 'report', params: definedParams({ run, base }) }}>
            Compare
          </Link>
        )
      }
    >
      <ul class="rows run-list" style={COLUMNS}>
        {shown.map((run) => (
          <li key={run.id}>
            <input
              type="checkbox"
              aria-label={`Compare ${run.name}`}
              checked={picked.includes(run.id)}
              onChange={({ currentTarget }) => pick(run.id, currentTarget.checked)}
            />
            <div class="row-text">
              <Link
                isRow
                class="row-link quiet strong ellipsis"
                to={{ view: 'report', params: { run: run.id } }}
              >
                <RunName run={run} />
              </Link>
              {commandOf(run) !== undefined && (
                <code class="meta ellipsis" title={run.command}>
                  {run.command}
                </code>
              )}
            </div>
            {placesOf(run).map((place, nth) => (
              <span key={nth} class="muted ellipsis" title={place}>
                {place}
              </span>
            ))}
            <div class="row-text run-figures">
              <RunTime run={run} />
              <RunCounts run={run} />
            </div>
            <Icon name="chevron-right" />
          </li>
        ))}
      </ul>
      {pager && <div class="card-foot">{pager}</div>}
    </Card>
  );
}
