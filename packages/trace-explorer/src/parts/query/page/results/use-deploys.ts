import { timedPath } from '../../../../core/places/shown-range.ts';
import type { QueryData } from '../../../../core/query/result/query-result.ts';
import type { Deploy } from '../../../../core/range/schemas.ts';
import { useJson } from '../../../../page/api/use-load.ts';
import type { ShownDeploys } from '../../../../page/charts/marks.tsx';
import { during, narrowed } from '../../narrow.ts';
import type { QueryPlace } from '../../query-place.ts';
import { writeQueryPlace } from '../../query-place.ts';

/** The deploys of an answer's dataset. Each leads to the same question about both of its versions. */
export function useDeploys({ dataset, query }: QueryPlace, { info }: QueryData): ShownDeploys {
  const { start_time, end_time } = info;
  const service = dataset === '__all__' ? undefined : dataset;
  const path = timedPath('/api/deploys', { start_time, end_time }, { service });
  return {
    deploys: useJson<readonly Deploy[]>(path).value ?? [],
    placeOf(deploy) {
      const narrow = narrowed(during(query, deploy.start_time, deploy.end_time), [
        { column: 'service.name', op: '=', value: deploy.service },
        { column: 'service.version', op: 'in', value: [deploy.previous, deploy.version] },
      ]);
      const breakdowns = [...new Set([...(query.breakdowns ?? []), 'service.version'])];
      return writeQueryPlace({ dataset, query: { ...narrow, breakdowns }, panel: 'results', total: false });
    },
  };
}
