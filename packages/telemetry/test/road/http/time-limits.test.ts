import { readFileSync } from 'node:fs';
import type { ClientRequest, IncomingMessage, RequestOptions, ServerResponse } from 'node:http';
import http from 'node:http';
import https from 'node:https';
import { createServer as createSocketServer } from 'node:net';
import { join } from 'node:path';
import type { Test } from 'tap';
import t from 'tap';
import { serve } from '../../serve.ts';
import { start } from './client-harness.ts';

// Alone in its process: telemetry is registered for all tests.

const pem = (name: string) => readFileSync(join(import.meta.dirname, '..', '..', 'fixtures', name));
const TLS = { cert: pem('self-signed.cert.pem'), key: pem('self-signed.key.pem') };
const LIMIT_MS = 30;

/** Sends a request, and calls `then` when the caller would give up: some time later, or in the middle of the answer's body. */
interface Caller {
  send(options?: RequestOptions): ClientRequest;
  giveUp(request: ClientRequest, then: () => void): void;
  agent(options: http.AgentOptions): http.Agent;
}
type Form = (caller: Caller) => unknown;

/** Ways to learn of a timeout, which end the request by a function. */
const LIMITS: Readonly<Record<string, (caller: Caller, end: (request: ClientRequest) => void) => void>> = {
  'the option `timeout`'({ send }, end) {
    const request = send({ timeout: LIMIT_MS });
    request.on('timeout', () => end(request));
  },
  'request.setTimeout()'({ send }, end) {
    const request = send();
    request.setTimeout(LIMIT_MS, () => end(request));
  },
  'an agent with a timeout'({ send, agent }, end) {
    const request = send({ agent: agent({ timeout: LIMIT_MS }) });
    request.on('timeout', () => end(request));
  },
  'socket.setTimeout()'({ send }, end) {
    const request = send();
    request.on('socket', (socket) => socket.setTimeout(LIMIT_MS, () => end(request)));
  },
};

const own = (properties: object = {}) => Object.assign(new Error('too slow'), properties);
const late = () => own({ name: 'TimeoutError' });

const destroys =
  (error?: () => Error): Form =>
  ({ send, giveUp }) => {
    const request = send();
    giveUp(request, () => request.destroy(error?.()));
  };
const aborts =
  (reason?: () => Error): Form =>
  ({ send, giveUp }) => {
    const controller = new AbortController();
    const request = send({ signal: controller.signal });
    giveUp(request, () => controller.abort(reason?.()));
  };

/** What callers do → `error.type` of the span; undefined for callers that leave. */
const FORMS: Record<string, readonly [Form, type: string | undefined]> = {
  'AbortSignal.timeout()': [({ send }) => send({ signal: AbortSignal.timeout(LIMIT_MS) }), 'TimeoutError'],
  'AbortSignal.any() with a timeout': [
    ({ send }) =>
      send({ signal: AbortSignal.any([AbortSignal.timeout(LIMIT_MS), new AbortController().signal]) }),
    'TimeoutError',
  ],
  'abort(new TimeoutError())': [aborts(late), 'TimeoutError'],
  'destroy(error) with the code ETIMEDOUT': [destroys(() => own({ code: 'ETIMEDOUT' })), 'ETIMEDOUT'],
  'destroy(error) with a code, as axios has it': [
    destroys(() => own({ code: 'ECONNABORTED' })),
    'ECONNABORTED',
  ],
  'destroy(new TimeoutError())': [destroys(late), 'TimeoutError'],
  'destroy(error) with a TimeoutError as its cause': [destroys(() => own({ cause: late() })), 'TimeoutError'],
  'destroy()': [destroys(), undefined],
  'destroy(error)': [destroys(own), undefined],
  'destroy(error) of axios that is cancelled': [destroys(() => own({ code: 'ERR_CANCELED' })), undefined],
  'abort()': [aborts(), undefined],
  'abort(error)': [aborts(own), undefined],
};
for (const [limit, run] of Object.entries(LIMITS)) {
  FORMS[`${limit}, destroy()`] = [(caller) => run(caller, (request) => request.destroy()), 'timeout'];
  FORMS[`${limit}, destroy(error)`] = [
    (caller) => run(caller, (request) => request.destroy(own())),
    'timeout',
  ];
  FORMS[`${limit}, destroy(new TimeoutError())`] = [
    (caller) => run(caller, (request) => request.destroy(late())),
    'TimeoutError',
  ];
}

/** Sends the beginning of `/half`, and answers `/slow` late. To nothing else is there an answer. */
function answer({ url }: IncomingMessage, response: ServerResponse): void {
  if (url === '/half') response.writeHead(200, { 'content-length': 100 }).write('a part');
  if (url === '/slow') setTimeout(() => response.write('a part'), 4 * LIMIT_MS);
  if (url === '/slow-to-the-end') setTimeout(() => response.end('ok'), 4 * LIMIT_MS);
  if (url === '/cut') response.writeHead(200, { 'content-length': 100 }).write('x', () => response.destroy());
  if (url === '/drop') response.destroy();
}

for (const [name, client] of Object.entries({ http, https })) {
  /** Starts a server, and returns how to run a form and get its span. */
  const upstream = async (t: Test) => {
    const { port: plain, spans } = await start(t, answer);
    const port = name === 'http' ? plain : await serve(t, https.createServer(TLS, answer));
    let count = 0;
    return async (path: string, form: Form, at = port) => {
      const agents: http.Agent[] = [];
      const agent = (options: http.AgentOptions) => {
        const made = new client.Agent(options);
        agents.push(made);
        return made;
      };
      let sent: ClientRequest | undefined;
      const send = (options: RequestOptions = {}) => {
        const tls = { rejectUnauthorized: false };
        sent = client.get({ host: '127.0.0.1', port: at, path, agent: agent({}), ...tls, ...options });
        sent.on('error', () => {}).on('response', (response) => response.on('error', () => {}).resume());
        return sent;
      };
      const giveUp = (request: ClientRequest, then: () => void) => {
        if (path === '/half') request.on('response', (response) => response.once('data', then));
        else setTimeout(then, LIMIT_MS);
      };
      form({ send, giveUp, agent });
      await new Promise((resolve) => sent?.on('close', resolve));
      count++;
      const span = (await spans(count)).at(-1);
      for (const each of agents) each.destroy();
      return span;
    };
  };

  t.test(
    `${name}: a request that its caller ends by a time limit has failed, another one has not`,
    async (t) => {
      const run = await upstream(t);
      for (const [form, [how, type]] of Object.entries(FORMS))
        for (const path of ['/silent', '/half']) {
          const { status, attributes } = (await run(path, how)) ?? {};
          const expected = { code: type === undefined ? 0 : 2, type };
          t.same({ code: status?.code, type: attributes?.['error.type'] }, expected, `${form}, ${path}`);
        }
    },
  );

  t.test(`${name}: a timeout that is ignored is no failure`, async (t) => {
    const run = await upstream(t);
    const ended = await run('/slow-to-the-end', ({ send }) => send({ timeout: LIMIT_MS }));
    t.equal(ended?.status.code, 0, 'the answer came');
    const left = await run('/slow', ({ send }) => {
      const request = send({ timeout: LIMIT_MS });
      request.on('response', (response) => response.once('data', () => request.destroy()));
    });
    t.equal(left?.status.code, 0, 'its caller left later');
  });

  t.test(`${name}: what the other side does is a failure`, async (t) => {
    const run = await upstream(t);
    const type = async (...args: Parameters<typeof run>) => (await run(...args))?.attributes['error.type'];
    t.equal(await type('/drop', ({ send }) => send()), 'ECONNRESET');
    t.equal(await type('/cut', ({ send }) => send()), 'ECONNRESET');
    const strange = createSocketServer((socket) => socket.on('error', () => {}).end('SSH-2.0-sshd\r\n'));
    const expected = name === 'http' ? /^HPE_/ : /^(?:ERR_SSL_|EPROTO)/;
    t.match(await type('/', ({ send }) => send(), await serve(t, strange)), expected);
  });
}
