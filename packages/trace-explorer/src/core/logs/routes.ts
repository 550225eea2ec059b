import { Readable } from 'node:stream';
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import Type from 'typebox';
import { clientGone } from '../../http/client-gone.ts';
import { contentOf, documented } from '../../http/documented.ts';
import { whileAwaited } from '../../http/while-awaited.ts';
import { problems } from '../errors.ts';
import { exportOtherLogs } from '../traces/forms/export-trace.ts';
import { otlpLogForm } from '../traces/forms/otlp-form.ts';
import { logOf, readStored } from '../traces/read/stored-span.ts';
import { readLogs } from './read-logs.ts';
import { LogPage, LogParams, LogsQuery } from './schemas.ts';
import type { LogRouteOptions } from './tail-routes.ts';
import { tailRoutes } from './tail-routes.ts';

/** `/api/logs`: lists, one record, a live stream, and export. */
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
