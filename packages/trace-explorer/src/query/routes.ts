import { STATUS_CODES } from 'node:http';
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import Type from 'typebox';
import type { SpanStore } from '../store/types.ts';
import { clientGone } from './client-gone.ts';
import { findDataset, listColumns, listDatasets } from './datasets.ts';
import { describeQuery } from './describe-query.ts';
import { parseQuery } from './parse-query.ts';
import { parseResultRequest } from './parse-result-request.ts';
import { QueryError } from './query-error.ts';
import type { QueryJobsOptions } from './query-jobs.ts';
import { QueryJobs } from './query-jobs.ts';
import { toQueryError } from './run-query.ts';
import type { QueryJob } from './running-job.ts';
import * as schemas from './schemas.ts';

export interface QueryRouteOptions extends QueryJobsOptions {
  readonly store: SpanStore;
  /** Milliseconds a request for a result waits for it, before it answers that it is not complete. */
  readonly waitMs?: number;
}

/** Bytes of a specification: far above what a person writes, 100 filters of 100 values included. */
const BODY_LIMIT = 256 * 1024;

interface ResultRoute {
  Params: { dataset: string; id: string };
}

/**
 * Honeycomb's query API under `/1`, for the spans of this store. Any API key is accepted, and none is needed.
 * Errors have Honeycomb's form.
 */
export async function queryRoutes(app: FastifyInstance, options: QueryRouteOptions): Promise<void> {
  await app.register(honeycombRoutes, { ...options, prefix: '/1' });
}

async function honeycombRoutes(app: FastifyInstance, options: QueryRouteOptions): Promise<void> {
  const { store, waitMs = 5_000, ...limits } = options;
  const jobs = new QueryJobs(store, {
    onFailure: (error) => app.log.error({ err: error }, 'query failed'),
    ...limits,
  });
  app.addHook('preClose', async function cancelQueries() {
    jobs.close();
  });
  // Schemas document; parse-query.ts checks, and results are JSON already.
  app.setValidatorCompiler(() => () => true);
  app.setSerializerCompiler(() => JSON.stringify);
  app.setErrorHandler(answerError);
  app.setNotFoundHandler((request, reply) => {
    answerError(new QueryError('not-found', 'There is no such route'), request, reply);
  });

  app.get(
    '/auth',
    documented('What an API key may do: here, read', 200, schemas.authSchema),
    async () => AUTH,
  );

  app.get(
    '/datasets',
    documented('Datasets: the services that sent spans', 200, Type.Array(schemas.datasetSchema)),
    () => listDatasets(store),
  );

  app.get<{ Params: { dataset: string }; Querystring: { key_name?: string } }>(
    '/columns/:dataset',
    documented('Columns of a dataset, or with key_name that one', 200, columnsAnswer, {
      querystring: keyName,
    }),
    async ({ params, query }) => {
      const columns = listColumns(store, await findDataset(store, params.dataset));
      if (query.key_name === undefined) return columns;
      const column = columns.find((each) => each.key_name === query.key_name);
      if (column === undefined) throw new QueryError('not-found', 'Column not found');
      return column;
    },
  );

  app.post<{ Params: { dataset: string } }>(
    '/queries/:dataset',
    {
      ...documented('Create a query', 200, schemas.querySchema, { body: schemas.querySpecSchema }),
      bodyLimit: BODY_LIMIT,
    },
    async ({ params, body }) => {
      const dataset = await findDataset(store, params.dataset);
      const { id, spec } = jobs.create(dataset, parseQuery(body));
      return describeQuery(id, spec);
    },
  );

  app.get<ResultRoute>(
    '/queries/:dataset/:id',
    documented('A created query', 200, schemas.querySchema),
    async ({ params }) => {
      const { id, spec } = jobs.query(await findDataset(store, params.dataset), params.id);
      return describeQuery(id, spec);
    },
  );

  app.post<{ Params: { dataset: string } }>(
    '/query_results/:dataset',
    {
      ...documented('Run a created query', 201, schemas.queryResultSchema, {
        body: schemas.queryResultRequestSchema,
      }),
      bodyLimit: BODY_LIMIT,
    },
    async function runStoredQuery(request, reply) {
      const dataset = await findDataset(store, request.params.dataset);
      const { query_id, limit, disable_series } = parseResultRequest(request.body);
      const changes = { disableSeries: disable_series, ...(limit === undefined ? {} : { limit }) };
      const job = jobs.start(dataset, query_id, changes);
      const location = `/1/query_results/${encodeURIComponent(request.params.dataset)}/${job.id}`;
      return answerJob(job, request, reply, { status: 201, location });
    },
  );

  app.get<ResultRoute>(
    '/query_results/:dataset/:id',
    documented('The result of a run; complete tells whether it is there', 200, schemas.queryResultSchema),
    async function readResult(request, reply) {
      const dataset = await findDataset(store, request.params.dataset);
      return answerJob(jobs.job(dataset, request.params.id), request, reply);
    },
  );

  async function answerJob(
    job: QueryJob,
    request: FastifyRequest,
    reply: FastifyReply,
    created?: { status: 201; location: string },
  ): Promise<FastifyReply> {
    await jobs.wait(job, waitMs, clientGone(reply));
    if (job.error) throw job.error;
    if (created) reply.code(created.status).header('location', created.location);
    reply.type('application/json; charset=utf-8');
    return reply.send(resultJson(job, originOf(request)));
  }
}

const keyName = Type.Object({ key_name: Type.Optional(Type.String()) });
const columnsAnswer = Type.Union([Type.Array(schemas.columnSchema), schemas.columnSchema]);

const ACCESS = [
  'boards',
  'columns',
  'create_datasets',
  'events',
  'markers',
  'queries',
  'recipients',
  'slos',
  'triggers',
];
const AUTH = {
  id: 'local',
  type: 'configuration',
  api_key_access: Object.fromEntries(ACCESS.map((each) => [each, each === 'columns' || each === 'queries'])),
  environment: { name: 'Local', slug: 'local' },
  team: { name: 'Tandem', slug: 'tandem' },
};

function documented(summary: string, status: number, answer: unknown, request: Record<string, unknown> = {}) {
  const response = { [status]: answer, '4xx': schemas.errorSchema, '5xx': schemas.errorSchema };
  return { schema: { tags: ['query'], summary, ...request, response } };
}

/** The data is JSON already, and large; only what is around it is written anew. */
function resultJson(job: QueryJob, origin: string): string {
  const { dataset, spec, id } = job.query;
  const query = describeQuery(id, spec);
  const asked = encodeURIComponent(JSON.stringify({ ...query, id: undefined }));
  const links = {
    query_url: `${origin}/?dataset=${encodeURIComponent(dataset)}&query=${asked}`,
    graph_image_url: '',
  };
  const head = JSON.stringify({ query, id: job.id, complete: job.data !== undefined, links });
  return job.data === undefined ? head : `${head.slice(0, -1)},"data":${job.data}}`;
}

function originOf(request: FastifyRequest): string {
  return `${request.protocol}://${request.host}`;
}

function answerError(error: FastifyError | QueryError, request: FastifyRequest, reply: FastifyReply): void {
  const shown = isRefusal(error)
    ? refusal(error, originOf(request))
    : toQueryError(error).body(originOf(request));
  if (shown.status === 500) request.log.error({ err: error }, 'query request failed');
  if (shown.status === 429) reply.header('retry-after', '1');
  reply
    .code(Number(shown.status))
    .type('application/problem+json; charset=utf-8')
    .send(JSON.stringify(shown));
}

/** What Fastify or a guard refuses before a query is looked at: a body that is no JSON, a strange host. */
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
        title: STATUS_CODES[error.statusCode],
        error: error.message,
      };
}
