import { fastifySSE } from '@fastify/sse';
import type { FastifyInstance } from 'fastify';
import Type from 'typebox';
import { problems } from '../errors.ts';
import type { EventLog } from './event-log.ts';
import { EVENT_STREAM_ANSWERS } from './event-stream-answers.ts';
import type { LiveTraces } from './live-traces.ts';
import type { StreamClient } from './sending.ts';
import { sendEvent } from './sending.ts';

export interface LiveRouteOptions {
  /** Closed with the server. */
  readonly live: LiveTraces;
  readonly heartbeatMs?: number;
  /** A client that takes nothing for this long is cut off; it may come back and go on where it was. */
  readonly stalledMs?: number;
}

const LiveQuery = Type.Object(
  {
    after: Type.Optional(
      Type.String({ maxLength: 100, description: 'id of an event, as Last-Event-ID takes it' }),
    ),
  },
  { additionalProperties: false },
);

/** More pages than a person has open; a client beyond them is refused. */
const MAX_CLIENTS = 64;

/** `GET /api/live`: server-sent events of new and changed traces. */
export async function liveRoutes(app: FastifyInstance, options: LiveRouteOptions): Promise<void> {
  const { live, heartbeatMs = 15_000, stalledMs = 30_000 } = options;
  const open = new Set<AbortController>();
  await app.register(fastifySSE, { heartbeatInterval: heartbeatMs, serializer: String });
  app.addHook('preClose', async function endLiveStreams() {
    live.close();
    for (const client of open) client.abort();
  });
  app.get<{ Querystring: { after?: string } }>(
    '/api/live',
    {
      sse: 'only',
      // It would be a stream without end, and without a byte.
      exposeHeadRoute: false,
      schema: {
        tags: ['live'],
        summary: 'New and changed traces as server-sent events',
        description:
          'Events `traces` carry `{ traces: summaries, more }`, newest first. With `Last-Event-ID`, or `after` in the URL, what was missed since that event is sent first; `reset` says that it cannot be, and that the list must be read anew.',
        querystring: LiveQuery,
        response: EVENT_STREAM_ANSWERS,
      },
    },
    async function streamTraces(request, reply) {
      if (open.size >= MAX_CLIENTS) throw problems.TOO_MANY_CLIENTS();
      const client = new AbortController();
      open.add(client);
      const leave = live.join();
      reply.sse.onClose(() => client.abort());
      try {
        const last = request.headers['last-event-id'] ?? request.query.after;
        await follow(live.log, last, { reply, stalledMs, signal: client.signal });
      } finally {
        open.delete(client);
        leave();
      }
    },
  );
}

/** Sends events until the client leaves. What a slow client has not taken yet stays in the shared log: it needs no memory of its own. */
async function follow(
  log: EventLog,
  lastEventId: string | string[] | undefined,
  client: StreamClient,
): Promise<void> {
  let at = log.newest;
  if (typeof lastEventId === 'string' && lastEventId !== '') at = log.numberOf(lastEventId) ?? -1;
  if (at >= 0 && !log.after(at).lost) {
    const hello = { id: log.idOf(at), event: 'hello', data: '{}', retry: 1000 };
    if (!(await sendEvent(client, hello))) return;
  }
  while (!client.signal.aborted) {
    const missed = at < 0 ? ({ lost: true } as const) : log.after(at);
    if (missed.lost) {
      at = log.newest;
      if (!(await sendEvent(client, { id: log.idOf(at), event: 'reset', data: '{}' }))) return;
      continue;
    }
    for (const event of missed.events) {
      if (!(await sendEvent(client, event))) return;
      at = log.numberOf(event.id) ?? at;
    }
    await log.changed(at, client.signal);
  }
}
