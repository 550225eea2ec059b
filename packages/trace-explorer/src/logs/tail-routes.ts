import { setTimeout as sleep } from 'node:timers/promises';
import { fastifySSE } from '@fastify/sse';
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import type { FastifyInstance, FastifyReply } from 'fastify';
import { problems } from '../errors.ts';
import { hangUp, isSent } from '../live/sending.ts';
import type { SpanStore } from '../store/types.ts';
import { filterOf } from './filter-of.ts';
import type { LogFilter } from './log-filter.ts';
import { readNewLogs } from './read-logs.ts';
import { FilterQuery } from './schemas.ts';
import { WrittenLogs } from './written-logs.ts';

export interface LogRouteOptions {
  readonly store: SpanStore;
  readonly heartbeatMs?: number;
  readonly stalledMs?: number;
}

/** More pages than a person has open; a client beyond them is refused. */
const MAX_CLIENTS = 64;
/** Records of one event; of more the newest, the rest is a number. */
const MAX_LOGS = 200;
/** Records that come within this time are one event. */
const COLLECT_MS = 100;
/** Reading takes at most this share of a client's time, so that a full store is not read without pause. */
const MAX_READ_SHARE = 0.2;

/** `GET /api/logs/tail`: new log records as server-sent events. */
export async function tailRoutes(instance: FastifyInstance, options: LogRouteOptions): Promise<void> {
  const { store, heartbeatMs = 15_000, stalledMs = 30_000 } = options;
  const app = instance.withTypeProvider<TypeBoxTypeProvider>();
  const { rows } = await store.read('SELECT coalesce(max(_seq), 0) FROM spans');
  const written = new WrittenLogs(store, Number(rows[0]?.[0] ?? 0));
  const open = new Set<AbortController>();
  await app.register(fastifySSE, { heartbeatInterval: heartbeatMs, serializer: String });
  app.addHook('preClose', async function endTails() {
    written.close();
    for (const client of open) client.abort();
  });
  app.get(
    '/api/logs/tail',
    {
      sse: 'only',
      schema: {
        tags: ['logs'],
        summary: 'New log records as server-sent events',
        description: `Events \`logs\` carry \`{ logs, more }\` in the order of arrival: the newest ${MAX_LOGS} since the last event, and how many came besides. \`hello\` says that what comes from here on will be sent. With \`Last-Event-ID\` it goes on from there.`,
        querystring: FilterQuery,
        response: { 200: { description: 'text/event-stream', type: 'string' } },
      },
    },
    async function tailLogs(request, reply) {
      if (open.size >= MAX_CLIENTS) throw problems.TOO_MANY_CLIENTS();
      const client = new AbortController();
      open.add(client);
      reply.sse.onClose(() => client.abort());
      try {
        const after = placeOf(request.headers['last-event-id']) ?? written.newest;
        await follow(store, written, filterOf(request.query), after, {
          reply,
          stalledMs,
          signal: client.signal,
        });
      } finally {
        open.delete(client);
      }
    },
  );
}

interface Client {
  readonly reply: FastifyReply;
  readonly stalledMs: number;
  readonly signal: AbortSignal;
}

/** Sends what is new until the client leaves. A slow client needs no memory: what it has not taken is in the store. */
async function follow(
  store: SpanStore,
  written: WrittenLogs,
  filter: LogFilter,
  start: number,
  { reply, stalledMs, signal }: Client,
): Promise<void> {
  const send = (event: string, at: number, data: unknown) =>
    isSent(
      reply.sse.send({ id: String(at), event, data: JSON.stringify(data), retry: 1000 }),
      stalledMs,
      signal,
    );
  let after = start;
  let pauseMs = COLLECT_MS;
  if (!(await send('hello', after, {}))) return hangUp(reply);
  while (!signal.aborted) {
    await written.changed(after, signal);
    await sleep(pauseMs, undefined, { signal }).catch(() => {});
    if (signal.aborted) return;
    const upTo = written.newest;
    const started = performance.now();
    const found = await readNewLogs(store, filter, { after, upTo, limit: MAX_LOGS });
    const took = performance.now() - started;
    pauseMs = Math.max(COLLECT_MS, took / MAX_READ_SHARE - took);
    after = upTo;
    if (found.logs.length > 0 && !(await send('logs', after, found))) return hangUp(reply);
  }
}

/** The place in the order of arrival that a client's Last-Event-ID names. */
function placeOf(id: string | string[] | undefined): number | undefined {
  return typeof id === 'string' && /^\d{1,15}$/.test(id) ? Number(id) : undefined;
}
