import { EventEmitter } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer as createSocketServer } from 'node:net';
import { Readable } from 'node:stream';
import { DiagLogLevel, diag } from '@opentelemetry/api';
import * as undici8 from 'undici';
import * as undici6 from 'undici-6';
import * as undici7 from 'undici-7';
import { serve } from '../../serve.ts';
import type { Harness } from '../http/client-harness.ts';
import { testUndici } from '../http/client-harness.ts';

// Alone in its process: telemetry is registered for all tests.

/** undici as far as all its versions have it. */
type Undici = typeof undici7;
const VERSIONS = { 6: undici6, 7: undici7, 8: undici8 } as unknown as Readonly<Record<string, Undici>>;

const arrivals = new EventEmitter();

/** Sends the beginning of `/half`. To anything else there is no answer. */
function answer({ url }: IncomingMessage, response: ServerResponse): void {
  if (url === '/half') response.writeHead(200, { 'content-length': 100 }).write('a part');
  if (url === '/long') response.end('x'.repeat(100));
  arrivals.emit(url ?? '');
}
/** Calls `then` once the server has a request, with or without the beginning of its answer. */
const onceAsked = (path: string, then: () => void) => arrivals.once(path, () => setImmediate(then));

const own = (properties: object = {}) => Object.assign(new Error('not wanted any more'), properties);
/** The reason of `AbortSignal.timeout()`, which the tests let end when the server has the request. */
const late = () => new DOMException('The operation was aborted due to timeout', 'TimeoutError');

type Send = (path: string, options?: { signal?: AbortSignal }) => Promise<AsyncIterable<unknown>>;
type Form = (send: Send, path: string) => Promise<unknown>;

async function read(body: Promise<AsyncIterable<unknown>>, onPart = () => {}): Promise<void> {
  for await (const _ of await body) onPart();
}
const aborts =
  (reason?: unknown, signalOf = (signal: AbortSignal) => signal): Form =>
  (send, path) => {
    const controller = new AbortController();
    const abort = () => controller.abort(reason);
    if (path !== '/half') onceAsked(path, abort);
    return read(send(path, { signal: signalOf(controller.signal) }), abort);
  };

/** How a caller ends its request → `error.type` of the span; undefined where the caller leaves. */
const FORMS: Readonly<Record<string, readonly [Form, type: string | undefined]>> = {
  'a timeout': [aborts(late()), 'TimeoutError'],
  'AbortSignal.any() with a timeout': [aborts(late(), (signal) => AbortSignal.any([signal])), 'TimeoutError'],
  'an error with the name TimeoutError': [aborts(own({ name: 'TimeoutError' })), 'TimeoutError'],
  'an error with the code ETIMEDOUT': [aborts(own({ code: 'ETIMEDOUT' })), 'ETIMEDOUT'],
  'abort()': [aborts(), undefined],
  'abort(error)': [aborts(own()), undefined],
  'abort(text)': [aborts('enough'), undefined],
  'abort(error) of axios': [aborts(own({ code: 'ERR_CANCELED' })), undefined],
};

/** The outcome of the last call: `error.type` of its span. */
async function typeOf({ spans }: Harness, count: number) {
  const { status, attributes = {} } = (await spans(count)).at(-1) ?? {};
  const { 'error.type': type } = attributes;
  return status?.code === (type === undefined ? 0 : 2) ? type : `${type} with status ${status?.code}`;
}

const CLIENTS: Readonly<Record<string, (url: string) => readonly [Send, close: () => unknown]>> = {
  ...Object.fromEntries(
    Object.entries(VERSIONS).flatMap(([version, { Agent, request, fetch }]) => [
      [
        `undici ${version}, request`,
        (url: string) => {
          const dispatcher = new Agent();
          const send: Send = async (path, options) =>
            (await request(url + path, { dispatcher, ...options })).body;
          return [send, () => dispatcher.destroy()] as const;
        },
      ],
      [
        `undici ${version}, fetch`,
        (url: string) => {
          const dispatcher = new Agent();
          const send: Send = async (path, options) =>
            (await fetch(url + path, { dispatcher, ...options })).body as never;
          return [send, () => dispatcher.destroy()] as const;
        },
      ],
    ]),
  ),
  'fetch of Node': (url) => [
    async (path, options) => (await fetch(url + path, options)).body as never,
    () => {},
  ],
};

for (const [client, open] of Object.entries(CLIENTS))
  testUndici(
    `${client}: a call that its caller ends by a time limit has failed, another one has not`,
    async (t, start) => {
      const harness = await start(t, answer);
      const [send, close] = open(harness.url);
      t.teardown(close);
      let count = 0;
      for (const [form, [how, type]] of Object.entries(FORMS))
        for (const path of ['/silent', '/half']) {
          await how(send, path).catch(() => {});
          t.equal(await typeOf(harness, ++count), type, `${form}, ${path}`);
        }
      for await (const _ of await send('/half')) break;
      t.equal(await typeOf(harness, ++count), undefined, 'break');
    },
  );

for (const [version, { Agent, Client, ProxyAgent, fetch, interceptors, request }] of Object.entries(VERSIONS))
  testUndici(`undici ${version}: what ends a call besides its caller is a failure`, async (t, start) => {
    const harness = await start(t, answer);
    const { url, server } = harness;
    let count = 0;
    const type = async (call: () => Promise<unknown>) => {
      await call().catch(() => {});
      return typeOf(harness, ++count);
    };
    const plain = new Agent();
    const dumping = new Agent().compose(interceptors.dump({ maxSize: 10 }));
    t.teardown(() => [plain, dumping].map((each) => each.destroy()));
    const readBy = async (dispatcher: typeof dumping, path: string) =>
      (await request(url + path, { dispatcher })).body.text();
    t.equal(await type(() => readBy(dumping, '/long')), 'UND_ERR_ABORTED', 'a limit of `dump`');

    const strange = createSocketServer((socket) => socket.on('error', () => {}).end('SSH-2.0-sshd\r\n'));
    const other = `http://127.0.0.1:${await serve(t, strange)}`;
    t.match(await type(() => request(other)), /^HPE_|^HTTPParserError$/, 'no HTTP');
    t.match(await type(() => fetch(other)), /^HPE_|^HTTPParserError$/, 'no HTTP, by fetch');

    const body = Readable.from(
      (async function* () {
        yield 'a part';
        throw new Error('the disk is gone');
      })(),
    );
    t.equal(
      await type(() => request(url, { method: 'POST', body, dispatcher: plain })),
      'Error',
      'an upload',
    );
    const client = new Client(url);
    const destroyed = client.request({ path: '/destroyed', method: 'GET' });
    onceAsked('/destroyed', () => client.destroy(own()));
    t.equal(await type(() => destroyed), 'Error', 'the whole client');

    server.on('connect', (_request, socket) =>
      socket.end('HTTP/1.1 407 Proxy Authentication Required\r\n\r\n'),
    );
    const proxied = new ProxyAgent({ uri: url, proxyTunnel: true });
    t.teardown(() => proxied.destroy());
    t.equal(await type(() => readBy(proxied as never, '/')), 'UND_ERR_ABORTED', 'a proxy that refuses');
  });

for (const [version, { Client }] of Object.entries(VERSIONS))
  testUndici(
    `undici ${version}: a call that is given up just before its client is destroyed ends its span once`,
    async (t, start) => {
      const said: string[] = [];
      const say = (message: string) => void said.push(message);
      diag.setLogger(
        { error: say, warn: say, info: say, debug() {}, verbose() {} },
        { logLevel: DiagLogLevel.INFO, suppressOverrideMessage: true },
      );
      t.teardown(() => diag.disable());
      const harness = await start(t, answer);
      const client = new Client(harness.url);
      const controller = new AbortController();
      const call = client.request({ path: '/left', method: 'GET', signal: controller.signal });
      onceAsked('/left', () => {
        controller.abort();
        client.destroy();
      });
      await t.rejects(call);
      await client.destroy();
      await harness.spans(1);
      t.same(said, []);
    },
  );
