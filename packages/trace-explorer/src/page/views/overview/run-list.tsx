import type { Run } from '../../../compare/comparison.ts';
import type { Overview } from '../../../overview/overview.ts';
import type { Place } from '../../../places/place.ts';
import { hrefOf } from '../../../places/place.ts';
import { useJson } from '../../ask/use-load.ts';
import { ComparedRuns } from './compared-runs.tsx';

/** With two stored runs, a link to their list and to what the newest one did. */
export function RunList({ overview, params }: { overview: Overview; params: Place['params'] }) {
  const { value } = useJson<{ runs: Run[] }>('/api/runs', [overview]);
  const base = value?.runs[1]?.id;
  if (value !== undefined && params.compare !== undefined)
    return <ComparedRuns runs={value.runs} base={params.compare} head={params.run} params={params} />;
  if (base === undefined) return null;
  return <a href={hrefOf({ view: 'overview', params: { ...params, compare: base } })}>Compare runs</a>;
}
