import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { clientGone } from '../../../http/client-gone.ts';
import { originOf } from '../../../http/origin-of.ts';
import type { SpanStore } from '../../store/store.ts';
import { parseQuery } from '../parse/parse-query.ts';
import { parseRunRequest, RunRequest } from '../parse/parse-run-request.ts';
import { QueryError } from '../parse/query-error.ts';
import { QuerySpecInput } from '../parse/query-spec.ts';
import type { ReadSavedFields } from '../parse/saved-fields.ts';
import type { QueryRunsOptions } from '../run/query-runs.ts';
import { QueryRuns } from '../run/query-runs.ts';
import { toQueryError } from '../run/run-query.ts';
import { takeQueries } from './bodies.ts';
import { catalogueRoutes, elsewhereRoutes, findDataset, noSuchRoute } from './catalogue.ts';
import { describeQuery, resultJson } from './results.ts';
import * as schemas from './schemas.ts';
import { queryDocs } from './schemas.ts';

export interface QueryRouteOptions extends QueryRunsOptions {
  readonly store: SpanStore;
  /** The calculated fields that queries can name besides their own. */
  readonly readSaved: ReadSavedFields;
}

const JSON_TYPE = 'application/json; charset=utf-8';

interface ResultRoute {
  Params: { dataset: string; id: string };
}

/** Honeycomb's query API, for prefix `/1`. It accepts any API key, or none. Errors have Honeycomb's form. */
export async function queryRoutes(app: FastifyInstance, options: QueryRouteOptions): Promise<void> {
  const { store, readSaved, ...limits } = options;
  const runs = new QueryRuns(store, {
    onFailure: (error) => app.log.error({ err: error }, 'query failed'),
    ...limits,
  });
  const unsubscribe = store.onChange((written) => {
    if (written === undefined) runs.forgetResults();
  });
  const closing = new AbortController();
  app.addHook('preClose', async function cancelQueries() {
    unsubscribe();
    closing.abort();
  });
  takeQueries(app);
  // Results are JSON already.
  app.setSerializerCompiler(() => JSON.stringify);
  app.setErrorHandler(answerError);
  // This hook runs before a body is read: some clients send a JSON content type without a body.
  app.addHook('onRequest', async function refuseUnknown({ is404 }) {
    if (is404) throw noSuchRoute();
  });
  app.setNotFoundHandler((request, reply) => {
    answerError(noSuchRoute(), request, reply);
  });

  await app.register(catalogueRoutes, { store, readSaved });
  elsewhereRoutes(app);

  app.post<{ Params: { dataset: string } }>(
    '/queries/:dataset',
    queryDocs('Create a query', 200, schemas.Query, { body: QuerySpecInput }),
    async ({ params, body }) => {
      const dataset = await findDataset(store, params.dataset);
      const { id, spec } = runs.create(dataset, parseQuery(body), await readSaved());
      return describeQuery(id, spec);
    },
  );

  app.get<ResultRoute>(
    '/queries/:dataset/:id',
    queryDocs('A created query', 200, schemas.Query),
    async ({ params }) => {
      const { id, spec } = runs.query(await findDataset(store, params.dataset), params.id);
      return describeQuery(id, spec);
    },
  );

  app.post<{ Params: { dataset: string } }>(
    '/query_results/:dataset',
    queryDocs('Run a created query', 201, schemas.QueryResult, { body: RunRequest }),
    async function runStoredQuery(request, reply) {
      const dataset = await findDataset(store, request.params.dataset);
      const { query_id, limit, ...disabled } = parseRunRequest(request.body);
      const options = {
        saved: await readSaved(),
        disableSeries: disabled.disable_series,
        total: !disabled.disable_total_by_aggregate,
        other: !disabled.disable_other_by_aggregate,
        signal: AbortSignal.any([clientGone(reply), closing.signal]),
      };
      const run = await runs.run(dataset, query_id, limit, options);
      const origin = originOf(request);
      const location = `${origin}/1/query_results/${encodeURIComponent(request.params.dataset)}/${run.id}`;
      return reply.code(201).header('location', location).type(JSON_TYPE).send(resultJson(run, origin));
    },
  );

  app.get<ResultRoute>(
    '/query_results/:dataset/:id',
    queryDocs('The result of a run', 200, schemas.QueryResult),
    async function readResult(request, reply) {
      const dataset = await findDataset(store, request.params.dataset);
      const run = runs.result(dataset, request.params.id);
      return reply.type(JSON_TYPE).send(resultJson(run, originOf(request)));
    },
  );
}

/** Answers an error in Honeycomb's form. Logs the error when the client did not cause it. */
function answerError(error: FastifyError | QueryError, request: FastifyRequest, reply: FastifyReply): void {
  const origin = originOf(request);
  const shown = isRefusal(error) ? refusal(error, origin) : toQueryError(error).body(origin);
  if (shown.status === 500) request.log.error({ err: error }, 'query request failed');
  const { retryAfterSeconds } = isRefusal(error) ? {} : toQueryError(error);
  if (retryAfterSeconds !== undefined) reply.header('retry-after', String(retryAfterSeconds));
  reply
    .code(Number(shown.status))
    .type('application/problem+json; charset=utf-8')
    .send(JSON.stringify(shown));
}

/** Whether Fastify or a guard refused the request before the query was read, for a broken body or a foreign host. */
function isRefusal(error: FastifyError | QueryError): error is FastifyError & { statusCode: number } {
  const status = 'statusCode' in error ? (error.statusCode ?? 500) : 500;
  return !(error instanceof QueryError) && status >= 400 && status < 500;
}

function refusal(error: FastifyError & { statusCode: number }, origin: string): Record<string, unknown> {
  return error.statusCode === 400
    ? new QueryError('unparseable', error.message).body(origin)
    : {
        status: error.statusCode,
        type: 'about:blank',
        title: process.getBuiltinModule('node:http').STATUS_CODES[error.statusCode],
        error: error.message,
      };
}
