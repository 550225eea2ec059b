import { setTimeout as sleep } from 'node:timers/promises';
import { fastifySSE } from '@fastify/sse';
import type { FastifyInstance, FastifyReply } from 'fastify';
import { problems } from '../errors.ts';
import { settlesWithin } from '../http/settles-within.ts';
import { Turns } from '../shared/turns.ts';
import type { Arrivals } from './arrivals.ts';

export interface StreamOptions {
  readonly heartbeatMs?: number;
  /** A client that takes nothing for this long is cut off; it may come back and go on where it was. */
  readonly stalledMs?: number;
}

/** The events that a client gets, and the place where they begin. */
export interface Following<T> {
  /** Place in the order of arrival; undefined where that of the client is not known (any more): `reset` says so. */
  readonly start: number | undefined;
  readonly idOf: (place: number) => string;
  /** Name of the events. */
  readonly event: string;
  /** Reads the arrivals after one place, up to another; undefined if none of them is for this client. */
  readonly read: (after: number, upTo: number) => Promise<T | undefined>;
  /** Milliseconds that are collected into one event. */
  readonly collectMs: number;
  /** Least pause after a reading, in times of what it took. */
  readonly rest: number;
}

/** More pages than a person has open; a client beyond them is refused. */
const MAX_CLIENTS = 64;
/**
 * Clients that are read for at a time. Others wait their turn, so that any number of them leaves connections to other
 * questions.
 */
const READERS = 1;

/**
 * Prepares an app for server-sent events of what arrives, and closes the arrivals with it. Returns what follows them for a
 * client, until it leaves. A slow client needs no memory: what it has not taken is in the store.
 */
export async function eventStreams(
  app: FastifyInstance,
  arrivals: Arrivals,
  { heartbeatMs = 15_000, stalledMs = 30_000 }: StreamOptions,
): Promise<<T>(reply: FastifyReply, following: Following<T>) => Promise<void>> {
  const open = new Set<AbortController>();
  const turns = new Turns(READERS);
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

/** Somebody who follows. The signal aborts when the client has left, or the server ends the stream. */
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
  /** Whether the stream goes on: a closed connection ends it, and so does a client that takes nothing. Never rejects. */
  const send = async (event: string, data: unknown): Promise<boolean> => {
    if (signal.aborted) return false;
    const message = { id: idOf(after), event, data: JSON.stringify(data), retry: 1000 };
    // At a closed connection sending rejects. A rejection that nobody handles would end the process.
    const sending = reply.sse.send(message).then(
      () => true,
      () => false,
    );
    if ((await settlesWithin(sending, stalledMs, signal)) && (await sending)) return true;
    // At once: a stalled client would not take a polite end either.
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
