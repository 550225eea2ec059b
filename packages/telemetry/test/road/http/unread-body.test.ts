import type { LookupAddress } from 'node:dns';
import dns from 'node:dns';
import { EventEmitter, once } from 'node:events';
import type { ClientRequest, IncomingMessage, ServerResponse } from 'node:http';
import { get, Agent as HttpAgent } from 'node:http';
import type { ReadableSpan } from '@opentelemetry/sdk-trace-base';
import type { Test } from 'tap';
import t from 'tap';
import { Agent, fetch as undiciFetch, request as undiciRequest } from 'undici';
import { until } from '../../../../../test/helpers/until.ts';
import { endOpenSpans } from '../../../src/road/spans/open-spans.ts';
import { testUndici } from './client-harness.ts';

const answer = async (request: ClientRequest): Promise<IncomingMessage> => {
  const [response] = await once(request, 'response');
  return response;
};

/** Each client, which reads the headers of a response, and not the body. The response stays referenced. */
const CLIENTS: Readonly<Record<string, (url: string) => Promise<unknown>>> = {
  fetch,
  'undici.request': undiciRequest,
  'http.get': (url) => answer(get(url)),
  'http.get, which stops in the body': async (url) => {
    const response = await answer(get(url));
    response.once('data', () => response.pause());
    return response;
  },
};

/** From some 64 KiB on, fetch and undici stop in the body. Only http.get stops in front of a short one. */
const SIZES = [10, 70_000, 2_000_000];

const CLEAN = { status: { code: 0 }, attributes: { 'http.response.status_code': 200 } };
const secondsOf = ({ duration: [seconds, nanoseconds] }: ReadableSpan) => seconds + nanoseconds / 1e9;
const body = (size: number) => Buffer.alloc(size, 'x');

for (const isChunked of [false, true])
  testUndici(
    `a ${isChunked ? 'chunked ' : ''}body that a client leaves unread ends the span without an error`,
    async (t, start) => {
      const { url, spans } = await start(t, ({ url }, response) => {
        const size = Number(url?.split('/').at(-1));
        if (!isChunked) response.setHeader('content-length', size);
        response.write(body(size), () => setTimeout(() => response.end(), 20));
      });
      const kept = [];
      const answeredAt = new Map<string, number>();
      for (const [client, send] of Object.entries(CLIENTS))
        for (const size of SIZES) {
          const path = `/${encodeURIComponent(client)}/${size}`;
          kept.push(await send(url + path));
          // The others have read a short body, and may learn of its end later.
          if (size > 10 || client === 'http.get') answeredAt.set(path, Date.now() / 1_000);
        }
      for (const { status, attributes, endTime } of await spans(kept.length)) {
        const path = String(attributes['url.path']);
        t.match({ status, attributes }, CLEAN, path);
        const [seconds, nanoseconds] = endTime;
        const limit = answeredAt.get(path) ?? Number.POSITIVE_INFINITY;
        t.ok(seconds + nanoseconds / 1e9 < limit + 0.1, `${path} ended at its headers`);
      }
    },
  );

testUndici(
  'a body that is read later, slowly, or that is slow to come, keeps its span open',
  async (t, start) => {
    const { url, spans, telemetry } = await start(t, (_request, response) => {
      response.write('first');
      setTimeout(() => response.end('last'), 2_500);
    });
    const texts = await Promise.all([
      fetch(url).then((response) => response.text()),
      undiciRequest(url).then((response) => response.body.text()),
      answer(get(url)).then(async (response) => Buffer.concat(await response.toArray()).toString()),
    ]);
    t.same(texts, ['firstlast', 'firstlast', 'firstlast']);
    for (const span of await spans(3)) t.ok(secondsOf(span) > 2);
    t.equal(telemetry.spans().length, 3);
  },
);

testUndici('at the end of the process, an unread body is no error', async (t, start) => {
  const { url, spans } = await start(t, (_request, response) => void response.end(body(200_000)));
  const kept = await Promise.all([fetch(url), undiciRequest(url), answer(get(url))]);
  endOpenSpans();
  for (const span of await spans(3)) t.match(span.status, { code: 0 });
  t.equal(kept.length, 3);
});

const agent = new Agent();
t.teardown(() => agent.destroy());

const own = () => new Error('not wanted any more');
const axios = () => Object.assign(own(), { name: 'CanceledError', code: 'ERR_CANCELED' });
const late = () => Object.assign(new Error('too late'), { code: 'timeout' });

/** Tells when a server has a request. */
const arrivals = new EventEmitter();

/** Answers with a part of a body, or not at all. */
function answerInPart({ url }: IncomingMessage, response: ServerResponse): void {
  if (url === '/answered') response.writeHead(200).write('first');
  arrivals.emit('request');
}

/** How a caller gives a request up, before or after the headers. */
const CANCELLATIONS: Readonly<Record<string, (url: string, isAnswered: boolean) => Promise<unknown>>> = {
  'fetch: abort()': (url, isAnswered) => abortFetch(url, isAnswered),
  'fetch: abort(new Error())': (url, isAnswered) => abortFetch(url, isAnswered, own()),
  'fetch: abort(text)': (url, isAnswered) => abortFetch(url, isAnswered, 'enough'),
  'undici.request: abort(new Error())': (url, isAnswered) => abortUndici(url, isAnswered, own()),
  'http.get: destroy()': (url, isAnswered) => destroyed(url, isAnswered),
  'http.get: destroy(new Error())': (url, isAnswered) => destroyed(url, isAnswered, own()),
  'http.get: destroy() of axios': (url, isAnswered) => destroyed(url, isAnswered, axios()),
  'http.get: a signal': (url, isAnswered) =>
    aborted(isAnswered, own(), async (signal, answered) => {
      const response = await answer(get(url, { signal }));
      answered();
      await response.toArray();
    }),
};

/** Sends a request with a signal, and aborts it once the server has it or the client has the headers. */
async function aborted(
  isAnswered: boolean,
  reason: unknown,
  send: (signal: AbortSignal, answered: () => void) => Promise<unknown>,
): Promise<void> {
  const controller = new AbortController();
  const abort = () => controller.abort(reason);
  if (!isAnswered) arrivals.once('request', () => setImmediate(abort));
  await send(controller.signal, () => isAnswered && setImmediate(abort)).catch(() => {});
}

const abortFetch = (url: string, isAnswered: boolean, reason?: unknown) =>
  aborted(isAnswered, reason, async (signal, answered) => {
    const response = await fetch(url, { signal });
    answered();
    await response.text();
  });

const abortUndici = (url: string, isAnswered: boolean, reason: unknown) =>
  aborted(isAnswered, reason, async (signal, answered) => {
    const { body } = await undiciRequest(url, { signal, dispatcher: agent });
    answered();
    await body.text();
  });

async function destroyed(url: string, isAnswered: boolean, reason?: Error): Promise<void> {
  const request = get(url).on('error', () => {});
  if (isAnswered) {
    const response = await answer(request);
    setImmediate(() => request.destroy(reason));
    await response.toArray().catch(() => {});
  } else {
    arrivals.once('request', () => setImmediate(() => request.destroy(reason)));
    await new Promise((resolve) => request.once('close', resolve));
  }
}

for (const [name, cancel] of Object.entries(CANCELLATIONS))
  testUndici(`${name} by the caller is no error`, async (t, start) => {
    const { url, spans } = await start(t, answerInPart);
    await cancel(`${url}/waiting`, false);
    await cancel(`${url}/answered`, true);
    for (const span of await spans(2)) t.match(span.status, { code: 0 });
  });

const readAnswer = async (request: ClientRequest) => (await answer(request)).resume();

/** Makes a sender of requests, whose requests share one connection. */
type MakeSender = (t: Test) => (url: string, signal?: AbortSignal) => Promise<unknown>;

const ONE_CONNECTION: Readonly<Record<string, MakeSender>> = {
  'undici.request': (t) => {
    const single = new Agent({ connections: 1 });
    t.teardown(() => single.destroy());
    return async (url, signal) => {
      const { body } = await undiciRequest(url, { signal: signal ?? null, dispatcher: single });
      await body.dump();
    };
  },
  'http.get': (t) => {
    const single = new HttpAgent({ maxSockets: 1 });
    t.teardown(() => single.destroy());
    return (url, signal) => readAnswer(get(url, { signal, agent: single }));
  },
  'http.get, destroyed': (t) => {
    const single = new HttpAgent({ maxSockets: 1 });
    t.teardown(() => single.destroy());
    return (url, signal) => {
      const request = get(url, { agent: single });
      signal?.addEventListener('abort', () => request.destroy(signal.reason));
      return readAnswer(request);
    };
  },
};

for (const [client, makeSender] of Object.entries(ONE_CONNECTION))
  for (const reason of [undefined, own(), axios()])
    testUndici(
      `${client}: abort(${reason?.name ?? ''}) by the caller before there is a connection is no error`,
      async (t, start) => {
        const { url, spans, received } = await start(t, (_request, response) => {
          setTimeout(() => response.end(), 100);
        });
        const send = makeSender(t);
        const first = send(url);
        await until(() => received.length === 1);
        const controller = new AbortController();
        const second = send(url, controller.signal);
        controller.abort(reason);
        await t.rejects(second);
        await first;
        for (const span of await spans(2)) t.match(span.status, { code: 0 });
        t.equal(received.length, 1);
      },
    );

testUndici('a time limit of the caller is an error', async (t, start) => {
  const { url, spans } = await start(t, answerInPart);
  await abortFetch(`${url}/waiting`, false, late());
  await abortFetch(`${url}/answered`, true, late());
  await abortUndici(`${url}/waiting`, false, late());
  await abortUndici(`${url}/answered`, true, late());
  await destroyed(`${url}/waiting`, false, late());
  await destroyed(`${url}/answered`, true, late());
  // Long enough for the request to be under way.
  await fetch(`${url}/waiting`, { signal: AbortSignal.timeout(1_000) }).catch(() => {});
  t.same(
    (await spans(7)).map(({ status, attributes }) => [status.code, attributes['error.type']]),
    [...Array(6).fill([2, 'timeout']), [2, 'TimeoutError']],
  );
});

testUndici(
  'a time limit of the caller that ends before there is a connection is an error',
  async (t, start) => {
    const { url, spans, received } = await start(t);
    const { lookup } = dns;
    t.teardown(() => Object.assign(dns, { lookup }));
    const found: LookupAddress[] = [{ address: '127.0.0.1', family: 4 }];
    Object.assign(dns, {
      lookup: (_name: string, _options: object, done: (error: null, found: LookupAddress[]) => void) =>
        setTimeout(done, 200, null, found),
    });
    const target = url.replace('127.0.0.1', 'localhost');
    for (const send of [undiciRequest, undiciFetch, fetch]) {
      const sent: Promise<unknown> = send(target, { signal: AbortSignal.timeout(20) });
      await t.rejects(sent);
    }
    for (const { status, attributes } of await spans(3)) {
      t.equal(status.code, 2);
      t.match(attributes['error.type'], /^(?:23|TimeoutError|AbortError)$/);
    }
    t.equal(received.length, 0);
  },
);

testUndici('a server that ends the connection is an error', async (t, start) => {
  const { url, spans } = await start(t, ({ url, socket }, response) => {
    if (url?.startsWith('/answered')) response.writeHead(200).write('first');
    setTimeout(() => (url?.endsWith('reset') ? socket.resetAndDestroy() : socket.end()), 50);
  });
  const ends = ['waiting-end', 'waiting-reset', 'answered-end', 'answered-reset'];
  for (const end of ends) {
    await answer(get(`${url}/${end}`).on('error', () => {}))
      .then((response) => response.toArray())
      .catch(() => {});
    await fetch(`${url}/${end}`)
      .then((response) => response.text())
      .catch(() => {});
  }
  // A chunked body without its end is cut off.
  for (const span of await spans(8)) t.equal(span.status.code, 2, String(span.attributes['url.full']));
});
