import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import Type from 'typebox';
import { strictObject } from '../../lib/strict-object.ts';
import type { ReadSavedFields } from '../query/parse/saved-fields.ts';
import type { SpanStore } from '../store/store.ts';
import { ListQuery } from '../traces/list/schemas.ts';
import { spanConditions } from '../traces/list/trace-filter.ts';
import type { Arrivals } from './arrivals.ts';
import { readChangedTraces } from './changed-traces.ts';
import { documentedStream } from './documented-stream.ts';
import type { StreamOptions } from './event-streams.ts';
import { eventStreams } from './event-streams.ts';

export interface LiveRouteOptions extends StreamOptions {
  readonly store: SpanStore;
  /** The server closes the arrivals when it closes. */
  readonly arrivals: Arrivals;
  /** The calculated fields that filters can name. */
  readonly readSaved: ReadSavedFields;
  /** Milliseconds of changes in one event. */
  readonly intervalMs?: number;
}

const LiveQuery = strictObject({
  ...Type.Omit(ListQuery, ['order', 'limit', 'cursor']).properties,
  after: Type.Optional(
    Type.String({ maxLength: 100, description: 'id of an event, as Last-Event-ID takes it' }),
  ),
});

/** Reading summaries takes at most a fifth of the time, so that a full store gets pauses between reads. */
const REST = 4;

/** `GET /api/live`: server-sent events of new and changed traces. */
export const liveRoutes: FastifyPluginAsyncTypebox<LiveRouteOptions> = async (app, options) => {
  const { store, arrivals, intervalMs = 250, readSaved } = options;
  const follow = await eventStreams(app, arrivals, options);
  app.get(
    '/api/live',
    documentedStream('live', 'New and changed traces as server-sent events', {
      description:
        'Events `traces` have `{ traces: summaries, more }`, newest first; the params of `GET /api/traces` narrow them. With `Last-Event-ID`, or `after` in the URL, the stream begins with the events missed since then. When they are not available, it begins with `reset`, and the client must read the list again.',
      querystring: LiveQuery,
    }),
    async function streamTraces(request, reply) {
      const { after: afterId, ...asked } = request.query;
      const filter = { ...asked, saved: await readSaved() };
      // An invalid filter can be refused only before the stream begins.
      spanConditions(store, filter, String);
      const last = request.headers['last-event-id'] ?? afterId ?? '';
      await follow(reply, {
        start: last === '' ? arrivals.newest : sequenceOf(String(last), arrivals),
        idOf: (sequence) => liveId(arrivals, sequence),
        event: 'traces',
        read: (after, upTo) => readChangedTraces(store, filter, after, upTo),
        collectMs: intervalMs,
        rest: REST,
      });
    },
  );
};

/** The id of a live event: the sequence number of an arrival, by default the newest. */
export function liveId({ epoch, newest }: Arrivals, sequence = newest): string {
  return `${epoch}-${sequence}`;
}

/** The sequence number that an id names. Undefined for an id of another run or of the time before a deletion, and for an invalid id. */
function sequenceOf(id: string, { epoch, newest }: Arrivals): number | undefined {
  const [, run, digits] = /^([0-9a-f]+)-(\d{1,15})$/.exec(id) ?? [];
  return run === epoch && Number(digits) <= newest ? Number(digits) : undefined;
}
