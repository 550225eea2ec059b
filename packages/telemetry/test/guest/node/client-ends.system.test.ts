import type { EventEmitter } from 'node:events';
import { once } from 'node:events';
import type { ClientRequest, IncomingMessage, RequestOptions, ServerResponse } from 'node:http';
import { Agent, request } from 'node:http';
import type { ClientHttp2Stream, ServerHttp2Stream } from 'node:http2';
import { connect, createServer } from 'node:http2';
import { pipeline } from 'node:stream/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Test } from 'tap';
import t from 'tap';
import { traceHttp2Clients } from '../../../src/guest/node/http2-client.ts';
import { createTestTelemetry } from '../../../src/service/testing/test-telemetry.ts';
import { ENGINE } from '../../engines.ts';
import { start } from '../../road/http/client-harness.ts';
import { serve } from '../../serve.ts';

// A call ends when its caller has the answer, and not when the process next finds time to close the connection. Node 22.15, on
// which the fast tests run too, publishes nothing of HTTP/2.

/** Answers by the path of a request. */
function answer({ url, socket }: IncomingMessage, response: ServerResponse): void {
  const path = url?.slice(1) ?? '';
  if (/^\d+$/.test(path)) return void response.writeHead(Number(path)).end();
  if (path === 'hints') response.writeEarlyHints({ link: '</a.css>; rel=preload' });
  if (path === 'aborted')
    return void response.writeHead(200, { 'content-length': 9 }).write('x', () => socket.destroy());
  if (path === 'reset')
    return void response.writeHead(200, { 'content-length': 9 }).write('x', () => socket.resetAndDestroy());
  if (path === 'open') return void response.writeHead(200).write('x');
  if (path === 'slow') return void response.end(Buffer.alloc(1_000_000));
  response.end('ok');
}

/** Resolves at the close of a request or stream, after an error too. */
const closeOf = (emitter: EventEmitter) => new Promise((resolve) => emitter.once('close', resolve));

const agent = new Agent({ keepAlive: true });
t.teardown(() => agent.destroy());

/** Whether the connection is kept: each way in which callers say so. */
const CONNECTIONS: Readonly<Record<string, RequestOptions>> = {
  kept: { agent },
  'agent: false': { agent: false },
  'Connection: close': { headers: { connection: 'close' } },
};

/** What has a whole answer: its path, and its method. */
const ANSWERS: Readonly<Record<string, readonly [path: string, method?: string]>> = {
  'a body': ['/body'],
  HEAD: ['/body', 'HEAD'],
  'no content': ['/204'],
  'not modified': ['/304'],
  'early hints': ['/hints'],
  'an error of the server': ['/500'],
};

for (const [connection, options] of Object.entries(CONNECTIONS))
  for (const [what, [path, method = 'GET']] of Object.entries(ANSWERS))
    t.test(
      `${what}, ${connection}: the call has ended for whoever listens to the answer's end`,
      async (t) => {
        const { url, spans, telemetry } = await start(t, answer);
        const sent = request(url + path, { ...options, method }).end();
        const closed = closeOf(sent);
        const [response]: IncomingMessage[] = await once(sent, 'response');
        t.equal(telemetry.spans().length, 0, 'it has not at the headers');
        await new Promise<void>((resolve) =>
          response?.resume().on('end', () => {
            t.equal(telemetry.spans().length, 1);
            resolve();
          }),
        );
        await closed;
        t.match(await spans(1), [{ status: { code: path === '/500' ? 2 : 0 } }]);
      },
    );

/** How an answer ends that has no end: whether that is an error, and what the caller does with it. */
const CUT_OFF: Readonly<
  Record<
    string,
    readonly [path: string, isError: boolean, act?: (sent: ClientRequest, response: IncomingMessage) => void]
  >
> = {
  'an aborted answer': ['/aborted', true],
  'a connection that fails after the head': ['/reset', true],
  'destroy() of the request': ['/open', false, (sent) => sent.destroy()],
  'destroy() of the answer': ['/open', false, (_, response) => response.destroy()],
};

for (const [connection, options] of Object.entries(CONNECTIONS))
  for (const [what, [path, isError, act]] of Object.entries(CUT_OFF))
    t.test(`${what}, ${connection}: the call ends with its request`, async (t) => {
      const { url, spans, telemetry } = await start(t, answer);
      const sent = request(url + path, options)
        .on('error', () => {})
        .end();
      const closed = closeOf(sent);
      const [response] = await once(sent, 'response');
      response.on('error', () => {}).once('data', () => act?.(sent, response));
      await closed;
      t.equal(telemetry.spans().length, 1);
      t.match(await spans(1), [{ status: { code: isError ? 2 : 0 } }]);
    });

t.test('a connection that cannot be made: the call has ended for whoever hears of the error', async (t) => {
  const { spans, telemetry } = await start(t);
  await once(request('http://127.0.0.1:1/', { agent: false }).end(), 'error');
  t.equal(telemetry.spans().length, 1);
  t.match(await spans(1), [{ status: { code: 2 } }]);
});

t.test('an upgrade: the call ends, and not its connection', async (t) => {
  const { url, spans } = await start(t, ({ socket }) => {
    socket.write('HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n');
  });
  const sent = request(url, { headers: { connection: 'upgrade', upgrade: 'websocket' } });
  const [, socket] = await once(sent.end(), 'upgrade');
  t.match(await spans(1), [{ status: { code: 0 } }]);
  t.notOk(socket.destroyed);
  socket.destroy();
});

for (const [connection, options] of Object.entries(CONNECTIONS))
  t.test(`a slow reader, ${connection}: the call ends when the reader has all`, async (t) => {
    const { url, spans, telemetry } = await start(t, answer);
    const [response] = await once(request(`${url}/slow`, options).end(), 'response');
    let count = 0;
    await pipeline(response, async (chunks) => {
      for await (const _ of chunks) {
        if (count++ < 4) await sleep(700); // longer than two looks at what nobody reads
        if (!response.readableEnded) t.equal(telemetry.spans().length, 0);
      }
    });
    t.match(await spans(1), [{ status: { code: 0 } }]);
  });

/** Streams of HTTP/2: whether each has an error, and whether it ends for its reader. */
const STREAMS: Readonly<
  Record<
    string,
    readonly [
      isError: boolean,
      hasEnd: boolean,
      answer: (stream: ServerHttp2Stream) => void,
      act?: (stream: ClientHttp2Stream) => void,
    ]
  >
> = {
  'a body': [false, true, (stream) => respond(stream).end('ok')],
  'no content': [false, true, (stream) => stream.respond({ ':status': 204 }, { endStream: true })],
  'a reset after the head': [
    true,
    false,
    (stream) => respond(stream).write('x', () => stream.destroy(new Error('broken'))),
  ],
  'destroy()': [false, false, (stream) => respond(stream).write('x'), (stream) => stream.destroy()],
};

function respond(stream: ServerHttp2Stream): ServerHttp2Stream {
  stream.on('error', () => {}).respond({ ':status': 200 });
  return stream;
}

for (const [what, [isError, hasEnd, answerStream, act]] of Object.entries(STREAMS))
  t.test(`HTTP/2, ${what}`, async (t) => {
    const telemetry = startHttp2(t);
    const server = createServer().on('stream', answerStream);
    const session = connect(`http://127.0.0.1:${await serve(t, server)}`);
    t.teardown(() => session.destroy());
    const stream = session.request({ ':path': '/' }).on('error', () => {});
    const closed = closeOf(stream);
    stream.once('data', () => act?.(stream));
    stream.on('end', () => {
      if (hasEnd) t.equal(telemetry.spans().length, 1, 'the call has ended with the answer');
    });
    await closed;
    t.match(telemetry.spans(), [{ status: { code: isError ? 2 : 0 } }]);
  });

function startHttp2(t: Test) {
  const telemetry = createTestTelemetry({ engine: ENGINE });
  const stop = traceHttp2Clients();
  t.teardown(async () => {
    stop();
    await telemetry.shutdown();
  });
  return telemetry;
}
