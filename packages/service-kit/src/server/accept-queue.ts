import { closeSync, openSync, readSync } from 'node:fs';
import type { Server } from 'node:http';
import type { FastifyInstance } from 'fastify';

/** How often the kernel is asked, which takes some 10 µs for each port that this machine listens on. */
const ASK_INTERVAL_MS = 100;
/** When the event loop comes to the counting so late, others may wait although no request has come. */
const LATE_MS = 50;

/** How many connections had come when they were counted, since the port was opened. */
interface Count {
  /** When they were counted before: the last of them came since. */
  readonly after: number;
  readonly total: number;
}

/** Connections that wait to be taken, counted every tenth of a second. */
export class AcceptQueue {
  readonly #ask: () => number;
  #length = 0;
  #hasNews = false;
  #taken = 0;
  #countedAt: number;
  /** In the order of time; those that no waiting connection needs are gone. */
  readonly #counts: Count[] = [];
  #onEmpty: () => void = () => {};

  /** @param ask how many wait now */
  constructor(ask: () => number, now = performance.now()) {
    this.#ask = ask;
    this.#countedAt = now;
  }

  /** Those that were counted last and have not been taken since. */
  get length(): number {
    return this.#length;
  }

  /** To be called for each request. */
  noteRequest(): void {
    this.#hasNews = true;
  }

  /**
   * To be called for each connection that is taken. The kernel keeps them in the order in which they came.
   * @returns the earliest time at which it may have come, on the clock of `performance.now()`: while the event loop keeps
   *   up, at most ASK_INTERVAL_MS before it did; now where it was never counted
   */
  take(now = performance.now()): number {
    this.#taken++;
    this.#hasNews = true;
    while ((this.#counts[0]?.total ?? this.#taken) < this.#taken) this.#counts.shift();
    if (this.#length > 0 && --this.#length === 0) this.#onEmpty();
    return this.#counts[0]?.after ?? now;
  }

  /** To be called every ASK_INTERVAL_MS. Where nothing has come, and nothing could not, the kernel is not asked. */
  update(now = performance.now()): void {
    const isLate = now - this.#countedAt > ASK_INTERVAL_MS + LATE_MS;
    this.#length = this.#hasNews || isLate || this.#length > 0 ? this.#ask() : 0;
    this.#hasNews = false;
    const after = this.#countedAt;
    this.#countedAt = now;
    if (this.#length > 0) {
      this.#counts.push({ after, total: this.#taken + this.#length });
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
  const queue = new AcceptQueue(() => connectionsWaitingFor(app.server));
  const timer = setInterval(() => queue.update(), ASK_INTERVAL_MS).unref();
  app.addHook('onClose', function stopWatching(_app, done) {
    clearInterval(timer);
    done();
  });
  return queue;
}

/** About a line: a longer read has the kernel search all its connections for more, which takes milliseconds. */
const READ_BYTES = 150;
/** Of a line: the local port, the state, and `rx_queue`. */
const ENTRY = /^ *\d+: \S+:([0-9A-F]{4}) \S+ ([0-9A-F]{2}) [0-9A-F]+:([0-9A-F]+) /gm;
const LISTENING = '0A';

/**
 * Connections to the port of a server that it has not taken yet.
 *
 * A turn of the event loop takes one new connection. Those that wait are in the kernel with their requests, where no
 * hook sees them, so the kernel is asked: for a listening socket, `rx_queue` of /proc/net/tcp is their number.
 *
 * @returns 0 on other systems than Linux, which do not tell
 */
export function connectionsWaitingFor(server: Server): number {
  const address = server.address();
  if (typeof address !== 'object' || address === null) return 0;
  return countWaitingConnections(address.port, address.family === 'IPv6' ? 'tcp6' : 'tcp');
}

const buffer = Buffer.alloc(READ_BYTES);

/** The same for a port of this machine, whoever listens there. */
export function countWaitingConnections(port: number, table: 'tcp' | 'tcp6' = 'tcp'): number {
  try {
    const file = openSync(`/proc/self/net/${table}`, 'r');
    try {
      return countIn(() => buffer.toString('latin1', 0, readSync(file, buffer, 0, READ_BYTES, null)), port);
    } finally {
      closeSync(file);
    }
  } catch {
    return 0;
  }
}

/**
 * What such a table says of the first socket that listens on this port; 0 when none does. Those that listen come first, so
 * no more is read than that.
 * @param read gives the table piece by piece, and '' after the last
 */
export function countIn(read: () => string, port: number): number {
  const wanted = port.toString(16).toUpperCase().padStart(4, '0');
  let text = '';
  for (let piece = read(); piece !== ''; piece = read()) {
    text += piece;
    for (const [, local, state, waiting = ''] of text.matchAll(ENTRY)) {
      if (state !== LISTENING) return 0;
      if (local === wanted) return Number.parseInt(waiting, 16);
    }
    text = text.slice(text.lastIndexOf('\n') + 1);
  }
  return 0;
}
