import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { Arrivals } from '../live/arrivals.ts';
import { documentedStream } from '../live/documented-stream.ts';
import type { StreamOptions } from '../live/event-streams.ts';
import { eventStreams } from '../live/event-streams.ts';
import type { ReadSavedFields } from '../query/parse/saved-fields.ts';
import type { SpanStore } from '../store/store.ts';
import { readNewLogs } from './read-logs.ts';
import { FilterQuery } from './schemas.ts';

export interface LogRouteOptions extends StreamOptions {
  readonly store: SpanStore;
  /** The calculated fields that filters can name. */
  readonly readSaved: ReadSavedFields;
}

/** Most records of one event: the newest. A number stands for the rest. */
const MAX_LOGS = 500;
/** Milliseconds of arrivals in one event. */
const COLLECT_MS = 100;

/** `GET /api/logs/tail`: new log records as server-sent events. */
export const tailRoutes: FastifyPluginAsyncTypebox<LogRouteOptions> = async (app, options) => {
  const { store, readSaved } = options;
  const arrivals = await Arrivals.of(store, ({ logs }) => logs > 0);
  const follow = await eventStreams(app, arrivals, options);
  app.get(
    '/api/logs/tail',
    documentedStream('logs', 'New log records as server-sent events', {
      description: `Events \`logs\` carry \`{ logs, more }\` in the order of arrival: the newest ${MAX_LOGS} since the last event, and how many more it skipped. \`hello\` says that all later ones follow. With \`Last-Event-ID\` it goes on from there.`,
      querystring: FilterQuery,
    }),
    async function tailLogs(request, reply) {
      const filter = { ...request.query, saved: await readSaved() };
      await follow(reply, {
        start: sequenceOf(request.headers['last-event-id']) ?? arrivals.newest,
        idOf: String,
        event: 'logs',
        read: async (after, upTo) => {
          const found = await readNewLogs(store, filter, { after, upTo, limit: MAX_LOGS });
          return found.logs.length + found.more > 0 ? found : undefined;
        },
        collectMs: COLLECT_MS,
        // No pause: with one in proportion to the read, lines would be seconds late, or too many to show, on a busy machine.
        rest: 0,
      });
    },
  );
};

/** The sequence number that a client's Last-Event-ID names. */
function sequenceOf(id: string | string[] | undefined): number | undefined {
  return typeof id === 'string' && /^\d{1,15}$/.test(id) ? Number(id) : undefined;
}
