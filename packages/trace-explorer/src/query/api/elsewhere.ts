import type { Problem } from '@tandem/service-kit/http';
import type { FastifyInstance } from 'fastify';
import Type from 'typebox';
import { problems } from '../../errors.ts';
import { QueryError } from '../parse/query-error.ts';
import { documented } from './documented.ts';
import { AnyHoneycombError } from './schemas.ts';

/** What Honeycomb's API has besides queries: its path under `/1`, and what it is called. */
const ELSEWHERE: Readonly<Record<string, string>> = {
  '/boards': 'Boards',
  '/recipients': 'Recipients',
  '/markers/:dataset': 'Markers',
  '/marker_settings/:dataset': 'Marker settings',
  '/triggers/:dataset': 'Triggers',
  '/slos/:dataset': 'SLOs',
  '/burn_alerts/:dataset': 'Burn alerts',
  '/query_annotations/:dataset': 'Query annotations',
};

const WRITTEN_TO_A_FILE =
  'Calculated fields can be read here. They are saved in calculated-fields.json of the folder of EXPLORER_QUERIES: write them there, or save them in the page; a query can bring its own, as calculated_fields.';

/** Empty lists of what only Honeycomb has, so that clients that read everything go on; who writes is told where it lives. */
export function elsewhereRoutes(app: FastifyInstance): void {
  for (const [path, name] of Object.entries(ELSEWHERE)) {
    const summary = `${name} are kept in Honeycomb: none`;
    app.get(path, documented(summary, 200, Type.Array(Type.Unknown())), async () => []);
    refuseToWrite(app, path, `${name} are kept in Honeycomb`);
  }
  refuseToWrite(app, '/derived_columns/:dataset', 'Calculated fields are kept in a file');
}

function refuseToWrite(app: FastifyInstance, path: string, summary: string): void {
  app.post(path, documented(summary, 404, WhereItIs), async ({ url }) => {
    throw noSuchRoute(url);
  });
}

const WhereItIs = { ...AnyHoneycombError, description: 'Where it is kept, and how to write there' };

/** What is said of a route that does not exist: where the thing lives that it would be for, if that is known. */
export function noSuchRoute(url: string): QueryError {
  return new QueryError('not-found', whereItIs(url) ?? 'There is no such route');
}

/**
 * What is said of a method that a route does not take.
 * @param allow the methods that it takes, separated by commas
 */
export function noSuchMethod(method: string, url: string, allow: string): Problem {
  return problems.METHOD_NOT_ALLOWED({ detail: whereItIs(url) ?? `${method} is not one of ${allow}.` });
}

function whereItIs(url: string): string | undefined {
  const [, resource = ''] = /^\/1\/(\w+)/.exec(url) ?? [];
  if (resource === 'derived_columns') return WRITTEN_TO_A_FILE;
  const name = Object.entries(ELSEWHERE).find(([path]) => path.split('/')[1] === resource)?.[1];
  return name === undefined
    ? undefined
    : `${name} are kept in Honeycomb (https://api.honeycomb.io/1/${resource}). The explorer answers queries over the spans it holds.`;
}
