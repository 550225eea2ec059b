import type { Socket } from 'node:net';
import type { FastifyInstance } from 'fastify';
import type { AcceptQueue } from './accept-queue.ts';
import type { EventLoopWait } from './event-loop-wait.ts';

/** A request that came with its connection is read in the next turn of the event loop, or so much later. */
const SLACK_MS = 50;

/** A connection until its first request. */
interface NewConnection {
  readonly takenAt: number;
  /** Milliseconds that it waited to be taken. */
  readonly waitedMs: number;
}

/** Knows how long requests waited before any of our code ran: for the event loop, and in connections nobody had taken. */
export class Arrivals {
  readonly #acceptQueue: AcceptQueue;
  readonly #loop: EventLoopWait;
  readonly #new = new WeakMap<Socket, NewConnection>();

  constructor(acceptQueue: AcceptQueue, loop: EventLoopWait) {
    this.#acceptQueue = acceptQueue;
    this.#loop = loop;
  }

  /** To be called for each connection that is taken. */
  take(socket: Socket, now = performance.now()): void {
    const waitedMs = now - this.#acceptQueue.take(now);
    if (waitedMs > 0) this.#new.set(socket, { takenAt: now, waitedMs });
  }

  /** Milliseconds that a request which is handed over now waited; to be called once for each. */
  waitOf({ socket }: { readonly socket: Socket }, now = performance.now()): number {
    const loopMs = this.#loop.longest(now);
    const connection = this.#new.get(socket);
    if (connection === undefined) return loopMs;
    this.#new.delete(socket);
    const { takenAt, waitedMs } = connection;
    return now - takenAt <= loopMs + SLACK_MS ? now - takenAt + waitedMs : loopMs; // else it was sent later
  }
}

/** Watches the connections of the app from now on. */
export function watchArrivals(app: FastifyInstance, acceptQueue: AcceptQueue, loop: EventLoopWait): Arrivals {
  const arrivals = new Arrivals(acceptQueue, loop);
  app.server.on('connection', (socket: Socket) => arrivals.take(socket));
  return arrivals;
}
