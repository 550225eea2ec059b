import type { Comparison, Run } from '../../../compare/comparison.ts';
import type { Overview } from '../../../overview/overview.ts';
import type { Place } from '../../../places/place.ts';
import { hrefOf } from '../../../places/place.ts';
import { useJson } from '../../ask/use-load.ts';
import { Loaded } from '../../components/states/loaded.tsx';
import { FigureList, ServiceText } from './figure-list.tsx';

/** With two stored runs, a link to the changes of the newest one. Each change links to the waterfalls of both runs. */
export function RunList({ overview, params }: { overview: Overview; params: Place['params'] }) {
  const { value } = useJson<{ runs: Run[] }>('/api/runs', [overview]);
  const base = value?.runs[1]?.id;
  if (params.compare !== undefined) return <Changes base={params.compare} />;
  if (base === undefined) return null;
  return <a href={hrefOf({ view: 'overview', params: { ...params, compare: base } })}>Compare runs</a>;
}

function Changes({ base }: { base: string }) {
  const path = `/api/compare?${new URLSearchParams({ base })}`;
  const load = useJson<Comparison>(path);
  return (
    <Loaded load={load} what="Comparing the runs">
      {({ base: before, head, routes }) => (
        <FigureList
          title={titleOf(head, before)}
          heads={['']}
          none="Every route is as it was, as far as there are enough requests to tell."
          rows={routes.flatMap(({ service, route, base: { trace_id }, head: { trace_id: id }, changes }) =>
            changes.map(({ worse, sentence }) => ({
              key: JSON.stringify([service, route, sentence]),
              place: {
                view: 'trace',
                id: id ?? trace_id ?? '',
                params: id && trace_id ? { compare: trace_id } : {},
              },
              name: <ServiceText service={service} text={`${route}: ${sentence}`} />,
              figures: [worse ? <span class="error-text">✗ worse</span> : ''],
            })),
          )}
        />
      )}
    </Loaded>
  );
}

/** Runs by their branches where these differ, else by their names too. */
function titleOf(head: Run, base: Run): string {
  const areApart = head.branch !== base.branch;
  const nameOf = ({ name, branch }: Run) =>
    branch === undefined ? name : areApart ? branch : `${branch} ${name.slice(0, SHORT)}`;
  return `${nameOf(head)} compared with ${nameOf(base)}`;
}

/** Characters of a revision beside its branch. */
const SHORT = 12;
