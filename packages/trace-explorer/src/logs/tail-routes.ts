import { setTimeout as sleep } from 'node:timers/promises';
import { fastifySSE } from '@fastify/sse';
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import type { FastifyInstance } from 'fastify';
import { problems } from '../errors.ts';
import { EVENT_STREAM_ANSWERS } from '../live/event-stream-answers.ts';
import type { StreamClient } from '../live/sending.ts';
import { sendEvent } from '../live/sending.ts';
import type { ReadSavedFields } from '../query/parse/saved-fields.ts';
import { noSavedFields } from '../query/parse/saved-fields.ts';
import { Turns } from '../shared/turns.ts';
import type { SpanStore } from '../store/types.ts';
import { filterOf } from './filter-of.ts';
import { readNewLogs } from './read-logs.ts';
import { FilterQuery } from './schemas.ts';
import { WrittenLogs } from './written-logs.ts';

export interface LogRouteOptions {
  readonly store: SpanStore;
  /** The calculated fields that filters can name; none when left out. */
  readonly readSaved?: ReadSavedFields;
  readonly heartbeatMs?: number;
  readonly stalledMs?: number;
}

/** More pages than a person has open; a client beyond them is refused. */
const MAX_CLIENTS = 64;
/** Records of one event; of more the newest, the rest is a number. */
const MAX_LOGS = 500;
/** Between two readings for a client: records that come within this time are one event. */
const COLLECT_MS = 100;
/**
 * Clients that are read for at a time. Others wait their turn, so that any number of tails leaves connections to other
 * questions. A pause in proportion to the time that a reading takes would do that too, and would make lines late by
 * seconds, or too many to be shown, whenever the machine is busy with something else.
 */
const READERS = 1;

/** `GET /api/logs/tail`: new log records as server-sent events. */
export async function tailRoutes(instance: FastifyInstance, options: LogRouteOptions): Promise<void> {
  const { store, readSaved = noSavedFields, heartbeatMs = 15_000, stalledMs = 30_000 } = options;
  const app = instance.withTypeProvider<TypeBoxTypeProvider>();
  const { rows } = await store.read('SELECT coalesce(max(_seq), 0) FROM spans', [], { short: true });
  const written = new WrittenLogs(store, Number(rows[0]?.[0] ?? 0));
  const open = new Set<AbortController>();
  const turns = new Turns(READERS);
  await app.register(fastifySSE, { heartbeatInterval: heartbeatMs, serializer: String });
  app.addHook('preClose', async function endTails() {
    written.close();
    for (const client of open) client.abort();
  });
  app.get(
    '/api/logs/tail',
    {
      sse: 'only',
      // It would be a stream without end, and without a byte.
      exposeHeadRoute: false,
      schema: {
        tags: ['logs'],
        summary: 'New log records as server-sent events',
        description: `Events \`logs\` carry \`{ logs, more }\` in the order of arrival: the newest ${MAX_LOGS} since the last event, and how many came besides, which are skipped. \`hello\` says that what comes from here on will be sent. With \`Last-Event-ID\` it goes on from there.`,
        querystring: FilterQuery,
        response: EVENT_STREAM_ANSWERS,
      },
    },
    async function tailLogs(request, reply) {
      if (open.size >= MAX_CLIENTS) throw problems.TOO_MANY_CLIENTS();
      const client = new AbortController();
      open.add(client);
      reply.sse.onClose(() => client.abort());
      try {
        const after = placeOf(request.headers['last-event-id']) ?? written.newest;
        const filter = filterOf(request.query, await readSaved());
        const read = (after: number, upTo: number) =>
          turns.take(() => readNewLogs(store, filter, { after, upTo, limit: MAX_LOGS }));
        await follow(read, written, after, { reply, stalledMs, signal: client.signal });
      } finally {
        open.delete(client);
      }
    },
  );
}

/** Sends what is new until the client leaves. A slow client needs no memory: what it has not taken is in the store. */
async function follow(
  read: (after: number, upTo: number) => ReturnType<typeof readNewLogs>,
  written: WrittenLogs,
  start: number,
  client: StreamClient,
): Promise<void> {
  const { signal } = client;
  const send = (event: string, at: number, data: unknown) =>
    sendEvent(client, { id: String(at), event, data: JSON.stringify(data), retry: 1000 });
  let after = start;
  let lastRead = Number.NEGATIVE_INFINITY;
  if (!(await send('hello', after, {}))) return;
  while (!signal.aborted) {
    await written.changed(after, signal);
    const pauseMs = lastRead + COLLECT_MS - performance.now();
    if (pauseMs > 0) await sleep(pauseMs, undefined, { signal }).catch(() => {});
    if (signal.aborted) return;
    lastRead = performance.now();
    const upTo = written.newest;
    const found = await read(after, upTo);
    after = upTo;
    if (found.logs.length + found.more > 0 && !(await send('logs', after, found))) return;
  }
}

/** The place in the order of arrival that a client's Last-Event-ID names. */
function placeOf(id: string | string[] | undefined): number | undefined {
  return typeof id === 'string' && /^\d{1,15}$/.test(id) ? Number(id) : undefined;
}
