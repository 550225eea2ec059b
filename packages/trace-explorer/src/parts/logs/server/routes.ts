import { Readable } from 'node:stream';
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import Type from 'typebox';
import { problems } from '../../../core/errors.ts';
import { clientGone } from '../../../core/http/client-gone.ts';
import { contentOf, documented } from '../../../core/http/documented.ts';
import { readLogs } from '../../../core/logs/read-logs.ts';
import { FilterQuery, LogDensity, LogPage, LogParams, LogsQuery } from '../../../core/logs/schemas.ts';
import { whileAwaited } from '../../../core/shared/deadline.ts';
import { exportOtherLogs } from '../../../core/traces/forms/export-trace.ts';
import { otlpLogForm } from '../../../core/traces/forms/otlp-form.ts';
import { logOf, readStored } from '../../../core/traces/read/stored-span.ts';
import { readLogDensity } from './log-density.ts';
import type { LogRouteOptions } from './tail-routes.ts';
import { tailRoutes } from './tail-routes.ts';

/** `/api/logs`: lists, counts over time, one record, a live stream. */
export const logRoutes: FastifyPluginAsyncTypebox<LogRouteOptions> = async (app, options) => {
  const { store, readSaved } = options;
  await app.register(tailRoutes, options);

  app.get(
    '/api/logs',
    documented(
      'logs',
      'Log records by time; with trace_id the records of a trace, also before its spans have arrived',
      LogPage,
      { querystring: LogsQuery },
    ),
    async function listLogs({ query }, reply) {
      const { order = 'newest', limit = 100, cursor, ...given } = query;
      const filter = { ...given, saved: await readSaved() };
      return readLogs(store, filter, { order, limit, cursor }, whileAwaited(reply)) as Promise<never>;
    },
  );

  app.get(
    '/api/logs/density',
    documented('logs', 'The number of log records over time, by level', LogDensity, {
      querystring: FilterQuery,
    }),
    async function countLogs({ query }, reply) {
      return readLogDensity(store, { ...query, saved: await readSaved() }, whileAwaited(reply));
    },
  );

  app.get(
    '/api/logs/:id',
    documented(
      'logs',
      'One log record as sent, as OTLP JSON with its resource and scope',
      Type.Unknown({ description: 'an ExportLogsServiceRequest' }),
      { params: LogParams },
    ),
    async function showLogRecord({ params }) {
      const stored = await readStored(store, Number(params.id), 'isLog');
      if (stored === undefined)
        throw problems.LOG_NOT_FOUND({ detail: `No log record ${params.id} is stored.` });
      return otlpLogForm(logOf(stored));
    },
  );

  app.get(
    '/api/logs/export',
    documented(
      'logs',
      'Log records that no trace’s export contains, as OTLP JSON, one document per line',
      contentOf<Readable>('application/x-ndjson', 'ExportLogsServiceRequests, one per line'),
    ),
    async function exportLogs(_request, reply) {
      const lines = exportOtherLogs(store, { signal: clientGone(reply) });
      return reply.type('application/x-ndjson').send(Readable.from(lines));
    },
  );
};
