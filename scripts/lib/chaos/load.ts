import { randomBytes } from 'node:crypto';
import { request } from 'node:http';
import { text } from 'node:stream/consumers';
import type { AnswerClass } from './answers.ts';
import { classOf, classOfError } from './answers.ts';

/** Longer than a service takes for any answer. */
const PATIENCE_MS = 12_000;

/** The requests, in turn: three pages, one activity. */
const ROUTES = [
  { route: 'GET /api/activities/home', path: '/api/activities/home?limit=20' },
  { route: 'GET /api/activities/@:handle', path: '/api/activities/@andrewbrown' },
  { route: 'GET /api/activities/home', path: '/api/activities/home?limit=5' },
  { route: 'POST /api/activities', path: '/api/activities' },
] as const;

const POSTED = JSON.stringify({ handle: 'andrewbrown', message: 'Is anybody there?', ttl: '1-hour' });

/** A request that is over. Times are milliseconds of `performance.now()`. */
export interface Asked {
  /** Method and route, as its SERVER span is called. */
  readonly route: string;
  readonly traceId: string;
  readonly sentAt: number;
  readonly endedAt: number;
  readonly answer: AnswerClass;
}

export interface Load {
  /** Requests that were sent and are not over. */
  readonly open: number;
  /** Sends no more; resolves when all are over. */
  stop(): Promise<void>;
}

/**
 * Sends requests at a fixed rate, whatever becomes of them, each on a connection and in a trace of its own.
 *
 * @param origin of activities-api
 * @param rate requests per second
 * @param onAsked is told of each when it is over
 */
export function startLoad(origin: string, rate: number, onAsked: (asked: Asked) => void): Load {
  const { hostname, port } = new URL(origin);
  const open = new Set<Promise<void>>();
  const started = performance.now();
  let sent = 0;
  const timer = setInterval(() => {
    const due = ((performance.now() - started) / 1000) * rate;
    for (; sent < due; sent++) {
      const one = ask(sent).then(onAsked);
      open.add(one);
      void one.finally(() => open.delete(one));
    }
  }, 5);

  async function ask(number: number): Promise<Asked> {
    const { route, path } = ROUTES[number % ROUTES.length] ?? ROUTES[0];
    const method = route.slice(0, route.indexOf(' '));
    const traceId = randomBytes(16).toString('hex');
    const sentAt = performance.now();
    const answer = await new Promise<AnswerClass>((resolve) => {
      const outgoing = request({
        hostname,
        port,
        path,
        method,
        agent: false,
        headers: {
          traceparent: `00-${traceId}-${randomBytes(8).toString('hex')}-01`,
          ...(method === 'POST' && { 'content-type': 'application/json' }),
        },
        signal: AbortSignal.timeout(PATIENCE_MS),
      });
      const fail = (error: Error) => resolve(classOfError(error));
      outgoing.on('error', fail);
      outgoing.on('response', (response) => {
        text(response).then(
          (body) => resolve(classOf(response.statusCode ?? 0, response.headers['retry-after'], body)),
          fail,
        );
      });
      outgoing.end(method === 'POST' ? POSTED : undefined);
    });
    return { route, traceId, sentAt, endedAt: performance.now(), answer };
  }

  return {
    get open() {
      return open.size;
    },
    async stop() {
      clearInterval(timer);
      await Promise.all(open);
    },
  };
}
