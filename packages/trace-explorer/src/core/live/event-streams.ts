import { setTimeout as sleep } from 'node:timers/promises';
import { fastifySSE } from '@fastify/sse';
import type { FastifyInstance, FastifyReply } from 'fastify';
import { settlesWithin } from '../../lib/node/settles-within.ts';
import { TaskQueue } from '../../lib/node/task-queue.ts';
import { problems } from '../errors.ts';
import type { Arrivals } from './arrivals.ts';

export interface StreamOptions {
  readonly heartbeatMs?: number;
  /** After this time without taking data a client loses its connection. It may connect again and continue where it was. */
  readonly stalledMs?: number;
}

/** The events of a client, and where they begin. */
export interface Following<T> {
  /** A sequence number. Undefined when it is unknown or invalid: the client then gets `reset`. */
  readonly start: number | undefined;
  readonly idOf: (sequence: number) => string;
  readonly event: string;
  /** Reads the arrivals after one sequence number, up to another. Undefined when none of them is for this client. */
  readonly read: (after: number, upTo: number) => Promise<T | undefined>;
  /** Milliseconds of arrivals in one event. */
  readonly collectMs: number;
  /** Minimum pause after a read, as a multiple of the read's duration. */
  readonly rest: number;
}

/** Most clients at a time: more than the open pages of one person. Further clients get a refusal. */
const MAX_CLIENTS = 64;
/** Clients that read events at the same time. Others wait, so that other requests have connections too. */
const READERS = 1;

/**
 * Prepares an app for server-sent events of arrivals, and closes the arrivals with the app. Returns a function that sends a
 * client its events until the client leaves. A slow client takes no memory, because it reads its events from the store later.
 */
export async function eventStreams(
  app: FastifyInstance,
  arrivals: Arrivals,
  { heartbeatMs = 15_000, stalledMs = 30_000 }: StreamOptions,
): Promise<<T>(reply: FastifyReply, following: Following<T>) => Promise<void>> {
  const open = new Set<AbortController>();
  const turns = new TaskQueue(READERS);
  await app.register(fastifySSE, { heartbeatInterval: heartbeatMs, serializer: String });
  app.addHook('preClose', async function endStreams() {
    arrivals.close();
    for (const client of open) client.abort();
  });
  return async (reply, { read, ...following }) => {
    if (open.size >= MAX_CLIENTS) throw problems.TOO_MANY_CLIENTS();
    const client = new AbortController();
    open.add(client);
    reply.sse.onClose(() => client.abort());
    try {
      const inTurn = (after: number, upTo: number) => turns.take(() => read(after, upTo));
      await follow({ reply, stalledMs, signal: client.signal }, arrivals, { ...following, read: inTurn });
    } finally {
      open.delete(client);
    }
  };
}

/** A connected client. The signal aborts when the client has left, or when the server ends the stream. */
interface StreamClient extends Required<Pick<StreamOptions, 'stalledMs'>> {
  readonly reply: FastifyReply;
  readonly signal: AbortSignal;
}

async function follow<T>(
  { reply, stalledMs, signal }: StreamClient,
  arrivals: Arrivals,
  { start, idOf, event, read, collectMs, rest }: Following<T>,
): Promise<void> {
  let { epoch } = arrivals;
  let after = start ?? arrivals.newest;
  /**
   * Sends an event and resolves to whether the stream continues. The stream ends with a closed connection, or with a client
   * that takes no data. Never rejects.
   */
  const send = async (event: string, data: unknown): Promise<boolean> => {
    if (signal.aborted) return false;
    const message = { id: idOf(after), event, data: JSON.stringify(data), retry: 1000 };
    // Sending rejects on a closed connection. An unhandled rejection would end the process.
    const sending = reply.sse.send(message).then(
      () => true,
      () => false,
    );
    if ((await settlesWithin(sending, stalledMs, signal)) && (await sending)) return true;
    // A stalled client would not take an orderly end of the stream, so the connection is destroyed.
    reply.raw.destroy();
    return false;
  };
  if (!(await send(start === undefined ? 'reset' : 'hello', {}))) return;
  let pauseMs = collectMs;
  while (!signal.aborted) {
    await arrivals.changed(after, epoch, signal);
    await sleep(pauseMs, undefined, { signal }).catch(() => {});
    if (signal.aborted) return;
    const upTo = arrivals.newest;
    if (arrivals.epoch !== epoch) {
      ({ epoch } = arrivals);
      after = upTo;
      if (!(await send('reset', {}))) return;
      continue;
    }
    const started = performance.now();
    const found = await read(after, upTo);
    pauseMs = Math.max(collectMs, (performance.now() - started) * rest);
    after = upTo;
    if (found !== undefined && !(await send(event, found))) return;
  }
}
