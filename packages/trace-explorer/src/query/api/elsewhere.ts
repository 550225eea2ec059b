import type { FastifyInstance } from 'fastify';
import Type from 'typebox';
import { QueryError } from '../parse/query-error.ts';
import { documented } from './documented.ts';

/** What Honeycomb's API has besides queries, by path under `/1`, and where it is instead. */
const ELSEWHERE: Readonly<Record<string, string>> = {
  '/boards': 'Boards are kept in Honeycomb (https://api.honeycomb.io/1/boards)',
  '/recipients': 'Recipients are kept in Honeycomb (https://api.honeycomb.io/1/recipients)',
  '/markers/:dataset': 'Markers are kept in Honeycomb (https://api.honeycomb.io/1/markers)',
  '/marker_settings/:dataset':
    'Marker settings are kept in Honeycomb (https://api.honeycomb.io/1/marker_settings)',
  '/triggers/:dataset': 'Triggers run in Honeycomb (https://api.honeycomb.io/1/triggers)',
  '/slos/:dataset': 'SLOs are kept in Honeycomb (https://api.honeycomb.io/1/slos)',
  '/burn_alerts/:dataset': 'Burn alerts run in Honeycomb (https://api.honeycomb.io/1/burn_alerts)',
  '/query_annotations/:dataset':
    'Query annotations are kept in Honeycomb (https://api.honeycomb.io/1/query_annotations)',
  '/derived_columns/:dataset':
    'Calculated fields are kept in Honeycomb (https://api.honeycomb.io/1/derived_columns); here a query brings its own, as calculated_fields',
};

/** Empty lists of what only Honeycomb has, so that clients that read everything go on; writing says where it lives. */
export function elsewhereRoutes(app: FastifyInstance): void {
  for (const [path, reason] of Object.entries(ELSEWHERE)) {
    app.get(path, documented('None are kept here', 200, Type.Array(Type.Unknown())), async () => []);
    const refuse = async (): Promise<never> => {
      throw new QueryError('not-found', `${reason}; the explorer answers queries over the spans it holds.`);
    };
    // Before a body is read: clients write that it is JSON where there is none.
    const refused = { schema: { hide: true }, onRequest: refuse, handler: refuse };
    app.route({ method: 'POST', url: path, ...refused });
    app.route({ method: ['GET', 'PUT', 'PATCH', 'DELETE'], url: `${path}/:id`, ...refused });
  }
}
