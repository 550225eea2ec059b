import type { Place } from '../../../../core/places/place.ts';
import type { QueryPlace } from '../../../../core/places/query-place.ts';
import { writeQueryPlace } from '../../../../core/places/query-place.ts';
import { timedPath } from '../../../../core/places/shown-range.ts';
import { during, narrowed } from '../../../../core/query/build/narrow.ts';
import type { QueryData } from '../../../../core/query/result/query-result.ts';
import type { Deploy } from '../../../../core/range/schemas.ts';
import { useJson } from '../../../../page/api/use-load.ts';
import type { ShownDeploys } from '../../../../page/charts/deploys.tsx';

/** The deploys within an answer: of its dataset, or of the service that it asks for. None until they are read. */
export function useDeploys({ dataset, query }: QueryPlace, { info }: QueryData): Required<ShownDeploys> {
  const { start_time, end_time } = info;
  const asked = query.filters?.find(({ column, op }) => column === 'service.name' && op === '=')?.value;
  const service = dataset === '__all__' ? asked?.toString() : dataset;
  const path = timedPath('/api/deploys', { start_time, end_time }, { service });
  const { value } = useJson<{ deploys: readonly Deploy[] }>(path);
  return { deploys: value?.deploys ?? [], placeOf: (deploy) => versionsOf({ dataset, query }, deploy) };
}

/** The same question about both versions of a service, before and after its deploy. */
function versionsOf({ dataset, query }: Pick<QueryPlace, 'dataset' | 'query'>, deploy: Deploy): Place {
  const { service, previous, version, start_time, end_time } = deploy;
  const narrow = narrowed(during(query, start_time, end_time), [
    { column: 'service.name', op: '=', value: service },
    { column: 'service.version', op: 'in', value: [previous, version] },
  ]);
  const breakdowns = [...new Set([...(query.breakdowns ?? []), 'service.version'])];
  return writeQueryPlace({ dataset, query: { ...narrow, breakdowns }, panel: 'results', total: false });
}
