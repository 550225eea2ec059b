import type { Static } from 'typebox';
import { queryPlace } from '../../../core/places/place.ts';
import { requestsOf } from '../../../core/query/build/default-query.ts';
import { readyMadeQueries } from '../../../core/query/build/ready-made.ts';
import { REQUESTS } from '../../../core/query/build/scope.ts';
import type { QuerySpecInput } from '../../../core/query/parse/query-spec.ts';
import { getJson } from '../../../page/api/api.ts';
import { sendQuery } from '../../../page/api/send-query.ts';
import type { Destination } from '../../../page/part.ts';
import type { SavedContent } from '../server/saved-queries/query-folder.ts';

/** Seconds back from now in which a route must have been called. */
const ROUTES_SECONDS = 86_400;

/** Saved and ready-made queries, and the requests of each route, which has a name also where its spans have no `http.route`. What cannot be read is left out. */
export default async function readDestinations(signal: AbortSignal): Promise<readonly Destination[]> {
  const read = [readSaved(signal), readRoutes(signal)];
  const ready = readyMadeQueries.map(
    ({ title, about, query }): Destination => ({
      kind: 'query',
      text: title,
      detail: about,
      place: queryPlace(query),
    }),
  );
  return [...ready, ...(await Promise.all(read.map((each) => each.catch(() => [])))).flat()];
}

async function readSaved(signal: AbortSignal): Promise<Destination[]> {
  const { queries } = await getJson<Static<typeof SavedContent>>('/api/saved', signal);
  return queries.map(({ name, description, query }) => ({
    kind: 'query',
    text: name,
    detail: description || 'saved',
    place: queryPlace(query),
  }));
}

async function readRoutes(signal: AbortSignal): Promise<Destination[]> {
  const query: QuerySpecInput = {
    calculations: [{ op: 'COUNT' }],
    filters: [{ column: 'name', op: 'exists' }, REQUESTS],
    breakdowns: ['name', 'service.name'],
    time_range: ROUTES_SECONDS,
    limit: 1000,
  };
  const { results } = await sendQuery('__all__', query, { series: false, signal });
  return results.map(({ data }) => {
    const [route, service] = [String(data.name), String(data['service.name'])];
    return {
      kind: 'route',
      text: route,
      detail: service,
      place: queryPlace(
        requestsOf([
          { column: 'service.name', op: '=', value: service },
          { column: 'name', op: '=', value: route },
        ]),
      ),
    };
  });
}
