import { closeSync, openSync, readSync } from 'node:fs';
import type { FastifyInstance } from 'fastify';

/** How often the kernel is asked, which takes 0.2 to 0.8 ms. */
const ASK_INTERVAL_MS = 100;
/** Requests since it was asked last, below which nobody waits: 200 per second. */
const MIN_REQUESTS = 20;

/** How many connections had come at a time, since the port was opened. */
interface Count {
  readonly at: number;
  readonly total: number;
}

/** Connections that wait to be taken, counted every tenth of a second. */
export class AcceptQueue {
  readonly #ask: () => number;
  #length = 0;
  #requests = 0;
  #taken = 0;
  /** In the order of time; those that no waiting connection needs are gone. */
  readonly #counts: Count[] = [];
  #onEmpty: () => void = () => {};

  /** @param ask how many wait now */
  constructor(ask: () => number) {
    this.#ask = ask;
  }

  /** Those that were counted last and have not been taken since. */
  get length(): number {
    return this.#length;
  }

  /** To be called for each request. */
  noteRequest(): void {
    this.#requests++;
  }

  /**
   * To be called for each connection that is taken. The kernel keeps them in the order in which they came.
   * @returns a time by which it had come, on the clock of `performance.now()`: at most ASK_INTERVAL_MS after it did
   */
  take(now = performance.now()): number {
    this.#taken++;
    while ((this.#counts[0]?.total ?? this.#taken) < this.#taken) this.#counts.shift();
    if (this.#length > 0 && --this.#length === 0) this.#onEmpty();
    return this.#counts[0]?.at ?? now;
  }

  /** To be called every ASK_INTERVAL_MS. */
  update(now = performance.now()): void {
    this.#length = this.#requests >= MIN_REQUESTS || this.#length > 0 ? this.#ask() : 0;
    this.#requests = 0;
    if (this.#length > 0) {
      this.#counts.push({ at: now, total: this.#taken + this.#length });
      return;
    }
    this.#counts.length = 0;
    this.#onEmpty();
  }

  /** Has `listener` called when no connection waits any more. */
  onEmpty(listener: () => void): void {
    this.#onEmpty = listener;
  }
}

/** Watches the queue of the port that the app listens on, until it is closed. */
export function watchAcceptQueue(app: FastifyInstance): AcceptQueue {
  const queue = new AcceptQueue(() => {
    const address = app.server.address();
    return typeof address === 'object' && address !== null ? countWaitingConnections(address.port) : 0;
  });
  const timer = setInterval(() => queue.update(), ASK_INTERVAL_MS).unref();
  app.addHook('onClose', function stopWatching(_app, done) {
    clearInterval(timer);
    done();
  });
  return queue;
}

/** Linux lists the listening sockets first; 27 of them fit. */
const READ_BYTES = 4096;
const LISTENING = '0A';

/**
 * Connections to a port of this machine that nobody has taken yet.
 *
 * A turn of the event loop takes one new connection. Those that wait are in the kernel with their requests, where no
 * hook sees them, so the kernel is asked: for a listening socket, `rx_queue` of /proc/net/tcp is their number.
 *
 * @returns 0 on other systems than Linux, which do not tell
 */
export function countWaitingConnections(port: number): number {
  return waitingIn('/proc/self/net/tcp', port) + waitingIn('/proc/self/net/tcp6', port);
}

const buffer = Buffer.alloc(READ_BYTES);

function waitingIn(path: string, port: number): number {
  let text: string;
  try {
    const file = openSync(path, 'r');
    try {
      text = buffer.toString('latin1', 0, readSync(file, buffer, 0, READ_BYTES, 0));
    } finally {
      closeSync(file);
    }
  } catch {
    return 0;
  }
  return countIn(text, port);
}

/** The same, from the text of such a file: the sum over the sockets that listen on this port. */
export function countIn(text: string, port: number): number {
  const suffix = `:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  let count = 0;
  for (const line of text.split('\n').slice(1)) {
    const [, local = '', , state, queues = ''] = line.trim().split(/\s+/);
    if (state === LISTENING && local.endsWith(suffix))
      count += Number.parseInt(queues.split(':')[1] ?? '0', 16);
  }
  return count;
}
