import type { FastifyInstance } from 'fastify';

/** How often the loop says that it turns. 50 timers a second cost about 0.1 % of a core. */
const INTERVAL_MS = 20;

/**
 * How long a request may have waited for the event loop before any of our code ran.
 *
 * Node does not say when the bytes of a request came. But a turn of the loop takes from all sockets what they have, so
 * what it hands over came after it looked at them in the turn before. That is the time that is told: the longest that
 * the request can have waited, and no more than a turn longer than it did.
 */
export class EventLoopWait {
  #lookedAt: number;
  #looksAt: number;

  /** @param now on the clock of `performance.now()` */
  constructor(now = performance.now()) {
    this.#lookedAt = now;
    this.#looksAt = now;
  }

  /** To be called every INTERVAL_MS, before the loop looks at its sockets; late when the loop is late. */
  beforeLook(now = performance.now()): void {
    this.#looksAt = now;
  }

  /** To be called when it has handed over what they had. */
  afterLook(): void {
    this.#lookedAt = this.#looksAt;
  }

  /** Milliseconds that a request which is handed over now may have waited; 0 while the loop keeps up. */
  longest(now = performance.now()): number {
    return Math.max(0, now - this.#lookedAt - INTERVAL_MS);
  }
}

/** Watches the event loop from now on, until the app is closed. */
export function watchEventLoop(app: FastifyInstance): EventLoopWait {
  const wait = new EventLoopWait();
  const afterLook = () => wait.afterLook();
  const timer = setInterval(() => {
    wait.beforeLook();
    setImmediate(afterLook); // timers, then sockets, then immediates: the order of a turn
  }, INTERVAL_MS).unref();
  app.addHook('onClose', function stopWatching(_app, done) {
    clearInterval(timer);
    done();
  });
  return wait;
}
