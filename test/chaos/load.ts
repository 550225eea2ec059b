import { randomBytes } from 'node:crypto';
import { request } from 'node:http';
import { text } from 'node:stream/consumers';

/** An answer as the table names it: `200`, `200 degraded`, `503 with Retry-After`, `503 untraced`, `no connection`. */
export type AnswerClass = string;

/** Under overload, most refusals have no span, and then no `traceresponse`. */
export const UNTRACED: AnswerClass = '503 untraced';
/** Longer than a service needs for any answer. */
const TIMEOUT_MS = 12_000;
/** Requests per second: few enough for any machine, enough to see the usual answer. */
const RATE = 20;

/** The requests, in turn: three pages, one activity. */
const ROUTES = [
  { route: 'GET /api/activities/home', path: '/api/activities/home?limit=20' },
  { route: 'GET /api/activities/@:handle', path: '/api/activities/@andrewbrown' },
  { route: 'GET /api/activities/home', path: '/api/activities/home?limit=5' },
  { route: 'POST /api/activities', path: '/api/activities' },
] as const;

const POSTED = JSON.stringify({ handle: 'andrewbrown', message: 'Is anybody there?', ttl: '1-hour' });

/** A finished request. Times are milliseconds of `performance.now()`. */
export interface Asked {
  /** Method and route: the name of the SERVER span. */
  readonly route: string;
  readonly traceId: string;
  readonly sentAt: number;
  readonly endedAt: number;
  readonly answer: AnswerClass;
}

export function isSuccess(answer: AnswerClass): boolean {
  return answer === '200' || answer === '201';
}

/** True for an answer of any request in docs/openapi: success, a page without names, 503, 504. */
export function isDocumented(answer: AnswerClass): boolean {
  return isSuccess(answer) || ['200 degraded', '503 with Retry-After', UNTRACED, '504'].includes(answer);
}

/**
 * Sends requests at a fixed rate, each on a new connection and in a new trace, without waiting for answers.
 *
 * @param origin of activities-api
 * @param onAsked gets each finished request
 * @returns stops the sending; resolves when all requests are finished
 */
export function startLoad(origin: string, onAsked: (asked: Asked) => void): () => Promise<void> {
  const open = new Set<Promise<void>>();
  let sent = 0;
  const timer = setInterval(() => {
    const one = ask(origin, sent++).then(onAsked);
    open.add(one);
    void one.finally(() => open.delete(one));
  }, 1000 / RATE);
  return async () => {
    clearInterval(timer);
    await Promise.all(open);
  };
}

async function ask(origin: string, number: number): Promise<Asked> {
  const { route, path } = ROUTES[number % ROUTES.length] ?? ROUTES[0];
  const traceId = randomBytes(16).toString('hex');
  const sentAt = performance.now();
  const answer = await answerTo(new URL(path, origin), route.startsWith('POST'), traceId);
  return { route, traceId, sentAt, endedAt: performance.now(), answer };
}

function answerTo(url: URL, isPost: boolean, traceId: string): Promise<AnswerClass> {
  return new Promise((resolve) => {
    const outgoing = request(url, {
      method: isPost ? 'POST' : 'GET',
      agent: false,
      headers: {
        traceparent: `00-${traceId}-${randomBytes(8).toString('hex')}-01`,
        ...(isPost && { 'content-type': 'application/json' }),
      },
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    const fail = (error: Error) => resolve(classOfError(error));
    outgoing.on('error', fail);
    outgoing.on('response', (response) => {
      const { statusCode: status, headers } = response;
      text(response).then((body) => {
        if (status === 200 && body.includes('"degraded":true')) resolve('200 degraded');
        else if (status !== 503 || !headers['retry-after']) resolve(String(status));
        else resolve(headers.traceresponse ? '503 with Retry-After' : UNTRACED);
      }, fail);
    });
    outgoing.end(isPost ? POSTED : undefined);
  });
}

/** The class of a request without an answer: refused connection, timeout, or an ended connection. */
function classOfError(error: NodeJS.ErrnoException): AnswerClass {
  if (error.code === 'ECONNREFUSED') return 'no connection';
  return error.name === 'TimeoutError' || error.name === 'AbortError' ? 'no answer' : 'cut off';
}
