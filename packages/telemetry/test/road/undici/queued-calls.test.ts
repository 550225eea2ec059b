import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import { connect } from 'node:net';
import { Writable } from 'node:stream';
import t from 'tap';
import { until } from '../../../../../test/helpers/until.ts';
import { injectedChannels } from '../../../src/guest/injected/trace-libraries.ts';
import { undiciChannels } from '../../../src/guest/node/undici.ts';
import { withSpan } from '../../../src/index.ts';
import { createTestTelemetry } from '../../../src/service/testing/index.ts';
import { ENGINE } from '../../engines.ts';
import { instrumentationParts } from '../../instrumentation-parts.ts';
import { serve } from '../../serve.ts';

// Alone in its process: telemetry is registered for all tests, and modules are loaded with hooks.
const telemetry = createTestTelemetry({ engine: ENGINE });
const stops = [undiciChannels()(), injectedChannels()(instrumentationParts())];
t.teardown(async () => {
  for (const stop of stops) stop?.();
  await telemetry.shutdown();
});

/** undici as far as all its versions have it. */
type Undici = Omit<typeof import('undici-7'), 'default'>;
const VERSIONS: Readonly<Record<string, Undici>> = {
  6: (await import('undici-6')) as never,
  7: await import('undici-7'),
  8: (await import('undici')) as never,
};

const CALLERS = ['a', 'b', 'c'];
const CALLS = 4;
const FEW = { connections: 2 };

type Call = (path: string) => Promise<unknown>;
type Dispatcher = InstanceType<Undici['Dispatcher']>;
type Interceptor = (dispatch: Dispatcher['dispatch']) => Dispatcher['dispatch'];
interface Kind {
  open(undici: Undici, origin: string): readonly [Dispatcher, Call?];
  /** The path that the server answers in a way of its own. */
  readonly path?: string;
  /** Requests of a call; default: 1. */
  readonly tries?: number;
  /** The versions that have it; default: all. */
  readonly of?: RegExp;
}

const agent =
  (intercept?: (undici: Undici) => Interceptor): Kind['open'] =>
  (undici) => {
    const all = new undici.Agent(FEW);
    return [intercept === undefined ? all : (all.compose(intercept(undici) as never) as Dispatcher)];
  };
const pool =
  (intercept?: (undici: Undici) => Interceptor): Kind['open'] =>
  (undici, origin) => {
    const one = new undici.Pool(origin, FEW);
    return [intercept === undefined ? one : (one.compose(intercept(undici) as never) as Dispatcher)];
  };
const RETRIES = { minTimeout: 1, maxTimeout: 2 };
const retry = ({ interceptors }: Undici) => interceptors.retry(RETRIES) as Interceptor;
const redirect = ({ interceptors }: Undici) => interceptors.redirect({ maxRedirections: 2 }) as Interceptor;
const interceptor =
  (name: 'cache' | 'deduplicate' | 'decompress' | 'dns' | 'dump' | 'responseError') =>
  ({ interceptors }: Undici) =>
    interceptors[name]() as Interceptor;

/** A handler by hand: of the form that versions 7 and 8 have, or of the older one. */
function handlerOf(isNew: boolean, done: (error?: unknown) => void) {
  return isNew
    ? {
        onRequestStart() {},
        onResponseStart() {},
        onResponseData() {},
        onResponseEnd: () => done(),
        onResponseError: (_: unknown, error: unknown) => done(error),
      }
    : {
        onConnect() {},
        onHeaders: () => true,
        onData: () => true,
        onComplete: () => done(),
        onError: done,
      };
}
const byHand =
  (isNew: boolean, freeze = <H>(handler: H) => handler): Kind['open'] =>
  (undici, origin) => {
    const one = new undici.Pool(origin, FEW);
    const call: Call = (path) =>
      new Promise<void>((resolve, reject) => {
        const done = (error?: unknown) => (error === undefined ? resolve() : reject(error));
        one.dispatch({ path, method: 'GET' }, freeze(handlerOf(isNew, done)) as never);
      });
    return [one, call];
  };

const KINDS: Readonly<Record<string, Kind>> = {
  Client: { open: ({ Client }, origin) => [new Client(origin)] },
  'Client, pipelining': { open: ({ Client }, origin) => [new Client(origin, { pipelining: 4 })] },
  Pool: { open: pool() },
  Agent: { open: agent() },
  BalancedPool: { open: ({ BalancedPool }, origin) => [new BalancedPool([origin], FEW)] },
  RoundRobinPool: { open: ({ RoundRobinPool }, origin) => [new RoundRobinPool(origin, FEW)], of: /[78]/ },
  ProxyAgent: { open: ({ ProxyAgent }, origin) => [new ProxyAgent({ uri: origin, ...FEW })] },
  EnvHttpProxyAgent: {
    open: ({ EnvHttpProxyAgent }, origin) => [new EnvHttpProxyAgent({ httpProxy: origin, ...FEW } as never)],
  },
  'RetryAgent, second tries': {
    open: ({ RetryAgent, Agent }) => [new RetryAgent(new Agent(FEW), RETRIES)],
    path: 'again',
    tries: 2,
  },
  'retry over a Pool, second tries': { open: pool(retry), path: 'again', tries: 2 },
  'retry over an Agent, second tries': { open: agent(retry), path: 'again', tries: 2 },
  'redirect over a Pool': { open: pool(redirect), path: 'away', tries: 2 },
  'redirect over an Agent': { open: agent(redirect), path: 'away', tries: 2 },
  'dns over a Pool': { open: pool(interceptor('dns')) },
  'dns over an Agent': { open: agent(interceptor('dns')) },
  'dump over a Pool': { open: pool(interceptor('dump')) },
  'dump over an Agent': { open: agent(interceptor('dump')) },
  'cache over a Pool': { open: pool(interceptor('cache')), of: /[78]/ },
  'cache over an Agent': { open: agent(interceptor('cache')), of: /[78]/ },
  responseError: { open: pool(interceptor('responseError')), of: /[78]/ },
  decompress: { open: pool(interceptor('decompress')), of: /[78]/ },
  stream: {
    open({ Pool }, origin) {
      const one = new Pool(origin, FEW);
      const sink = () => new Writable({ write: (_chunk, _encoding, done) => done() });
      return [one, (path) => one.stream({ path, method: 'GET' }, sink)];
    },
  },
  pipeline: {
    open({ Pool }, origin) {
      const one = new Pool(origin, FEW);
      return [
        one,
        async (path) =>
          one
            .pipeline({ path, method: 'GET' }, ({ body }) => body)
            .end()
            .toArray(),
      ];
    },
  },
  'fetch of the package': {
    open({ Agent, fetch }, origin) {
      const dispatcher = new Agent(FEW);
      return [dispatcher, async (path) => (await fetch(origin + path, { dispatcher })).text()];
    },
  },
  'fetch of Node, with an Agent of the package': {
    open({ Agent }, origin) {
      const dispatcher = new Agent(FEW) as never;
      return [dispatcher, async (path) => (await fetch(origin + path, { dispatcher } as object)).text()];
    },
    of: Number(process.versions.undici?.split('.')[0]) >= 8 ? /8/ : /[67]/,
  },
  'a handler by hand': { open: byHand(false), of: /[67]/ },
  'a new handler by hand': { open: byHand(true), of: /[78]/ },
  'a frozen handler': { open: byHand(false, Object.freeze), of: /[67]/ },
  'a new frozen handler': { open: byHand(true, Object.freeze), of: /[78]/ },
};

const seen = new Set<string>();
const received: { caller: string; traceparent: string }[] = [];
function answer({ url = '', headers }: IncomingMessage, response: ServerResponse): void {
  received.push({ caller: callerIn(url), traceparent: String(headers.traceparent) });
  const isFirst = !seen.has(url);
  seen.add(url);
  if (url.includes('/again') && isFirst) response.writeHead(503).end();
  else if (url.includes('/away'))
    response.writeHead(302, { location: url.replace(/^.*\/away/, '/there') }).end();
  else setImmediate(() => response.end('ok'));
}
const callerIn = (path: string) => /of=(\w)/.exec(path)?.[1] ?? '';

const server = createServer(answer);
server.on('connect', ({ url }, socket) => {
  const [host, port] = String(url).split(':');
  const target = connect(Number(port), host, () => {
    socket.write('HTTP/1.1 200 OK\r\n\r\n');
    target.pipe(socket).pipe(target);
  });
  for (const each of [socket, target]) each.on('error', () => {});
});
const origin = `http://127.0.0.1:${await serve(t, server)}`;

let next = 0;
/** Lets each of the callers make some calls at once, and returns what arrived with the spans of callers and calls. */
async function call(calls: Call, path: string, tries: number) {
  telemetry.reset();
  received.length = 0;
  const all = CALLERS.map((of) =>
    withSpan(of, {}, () =>
      Promise.all(Array.from({ length: CALLS }, () => calls(`/${path}/${next++}?of=${of}`))),
    ),
  );
  await Promise.all(all);
  const expected = CALLERS.length * (1 + CALLS * tries);
  await until(() => telemetry.spans().length >= expected);
  return telemetry.spans();
}

for (const [version, undici] of Object.entries(VERSIONS))
  for (const [name, { open, path = 'item', tries = 1, of = /./ }] of Object.entries(KINDS)) {
    if (!of.test(version)) continue;
    t.test(`undici ${version}, ${name}: each call is in the trace of its caller`, async (t) => {
      const [dispatcher, calls = requestBy(dispatcher)] = open(undici, origin);
      t.teardown(() => dispatcher.destroy());
      const spans = await call(calls, path, tries);
      const parents: [string | undefined, string][] = [];
      const clients = spans.filter(({ name }) => name === 'GET');
      t.equal(clients.length, CALLERS.length * CALLS * tries);
      for (const { attributes, parentSpanContext } of clients) {
        const parent = spans.find((span) => span.spanContext().spanId === parentSpanContext?.spanId);
        parents.push([parent?.name, callerIn(String(attributes['url.full']))]);
      }
      t.same(wrong(parents), [], 'its parent is its caller');
      t.equal(received.length, clients.length);
      const sent = received.map(({ caller, traceparent }) => {
        const sender = clients.find((client) => traceparent.includes(client.spanContext().spanId));
        return [callerIn(String(sender?.attributes['url.full'])), caller] as const;
      });
      t.same(wrong(sent), [], 'traceparent names its own span');
    });
  }

/** The pairs that differ. */
function wrong(pairs: readonly (readonly [string | undefined, string])[]) {
  return pairs.filter(([found, expected]) => found !== expected);
}

function requestBy(dispatcher: Dispatcher): Call {
  return async (path) => {
    const { body } = await dispatcher.request({ origin, path, method: 'GET' });
    await body.text();
  };
}
