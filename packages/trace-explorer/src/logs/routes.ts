import { Readable } from 'node:stream';
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import type { FastifyInstance } from 'fastify';
import Type from 'typebox';
import { problems } from '../errors.ts';
import { clientGone } from '../http/client-gone.ts';
import { noSavedFields } from '../query/parse/saved-fields.ts';
import { deadlineIn } from '../shared/deadline.ts';
import { exportOtherLogs } from '../traces/forms/export-trace.ts';
import { otlpLogForm } from '../traces/forms/otlp-form.ts';
import { logOf, readStored } from '../traces/read/stored-span.ts';
import { readLogDensity } from './log-density.ts';
import { readLogs } from './read-logs.ts';
import { Density, FilterQuery, LogPage, LogParams, LogsQuery } from './schemas.ts';
import type { LogRouteOptions } from './tail-routes.ts';
import { tailRoutes } from './tail-routes.ts';

/** Reading that takes longer than this is of no use to a person. */
const TIMEOUT_MS = 15_000;

/** `/api/logs`: lists, counts over time, one record, a live stream. */
export async function logRoutes(instance: FastifyInstance, options: LogRouteOptions): Promise<void> {
  const { store, readSaved = noSavedFields } = options;
  const app = instance.withTypeProvider<TypeBoxTypeProvider>();
  await app.register(tailRoutes, options);

  app.get(
    '/api/logs',
    {
      schema: {
        tags: ['logs'],
        summary: 'Log records by time; with trace_id those of a trace, also before its spans have come',
        querystring: LogsQuery,
        response: { 200: LogPage },
      },
    },
    async function listLogs({ query }, reply) {
      const { order = 'newest', limit = 100, cursor, ...filter } = query;
      return readLogs(
        store,
        { ...filter, saved: await readSaved() },
        { order, limit, cursor },
        { deadline: deadlineIn(TIMEOUT_MS), signal: clientGone(reply) },
      ) as Promise<never>;
    },
  );

  app.get(
    '/api/logs/density',
    {
      schema: {
        tags: ['logs'],
        summary: 'How many log records there were over time, by level',
        querystring: FilterQuery,
        response: { 200: Density },
      },
    },
    async function countLogs({ query }, reply) {
      const options = { deadline: deadlineIn(TIMEOUT_MS), signal: clientGone(reply) };
      return readLogDensity(store, { ...query, saved: await readSaved() }, options);
    },
  );

  app.get(
    '/api/logs/:id',
    {
      schema: {
        tags: ['logs'],
        summary: 'One log record as OTLP JSON, as it was sent, with its resource and scope',
        params: LogParams,
        response: { 200: Type.Unknown({ description: 'an ExportLogsServiceRequest' }) },
      },
    },
    async function showLogRecord({ params }) {
      const stored = await readStored(store, Number(params.id), 'isLog');
      if (stored === undefined)
        throw problems.LOG_NOT_FOUND({ detail: `No log record ${params.id} is stored.` });
      return otlpLogForm(logOf(stored));
    },
  );

  app.get(
    '/api/logs/export',
    {
      schema: {
        tags: ['logs'],
        summary: 'Log records that no export of a trace has, as OTLP JSON, one document per line',
        response: {
          200: {
            description: 'ExportLogsServiceRequests, one per line',
            content: { 'application/x-ndjson': { schema: Type.Unsafe<Readable>(Type.String()) } },
          },
        },
      },
    },
    async function exportLogs(_request, reply) {
      return reply.type('application/x-ndjson').send(Readable.from(exportOtherLogs(store)));
    },
  );
}
