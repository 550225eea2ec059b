import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { context, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { isTracingSuppressed } from '@opentelemetry/core';
import type { Answer, OtlpReceiver } from '@tandem/otlp/testing';
import { startOtlpReceiver } from '@tandem/otlp/testing';
import t from 'tap';
import { createSender } from '../../src/export/sender.ts';
import type { Destination } from '../../src/settings/destinations.ts';
import type { Batch } from '../../src/wire/batch.ts';
import type { Test } from './harness.ts';

const EMPTY = { body: Buffer.alloc(0), items: 0 };

const fixtures = join(import.meta.dirname, '../failures/fixtures');
const cert = readFileSync(join(fixtures, 'self-signed.cert.pem'), 'utf8');
const key = readFileSync(join(fixtures, 'self-signed.key.pem'), 'utf8');

function client(
  t: Test,
  destination: Partial<Destination> & { url: string },
  timeoutMs = 5_000,
  signal: 'traces' | 'logs' = 'traces',
) {
  const sender = createSender(
    { name: 'backend', headers: {}, timeoutMs, compression: 'none', tls: undefined, ...destination },
    signal,
  );
  t.teardown(() => sender.close());
  return { post: (batch: Batch) => sender.post(batch, timeoutMs), close: () => sender.close() };
}

async function backend(
  t: Test,
  answer: Answer,
  options: Parameters<typeof startOtlpReceiver>[0] = {},
): Promise<OtlpReceiver> {
  const receiver = await startOtlpReceiver(options);
  receiver.answer = () => answer;
  t.teardown(() => receiver.close());
  return receiver;
}

t.test('each status has the outcome that OTLP asks for', async (t) => {
  const receiver = await backend(t, { status: 200 });
  const otlp = client(t, { url: receiver.tracesUrl });
  const kinds = {
    200: 'taken',
    202: 'taken',
    204: 'taken',
    301: 'retry',
    308: 'retry',
    400: 'refused',
    401: 'retry',
    403: 'retry',
    404: 'retry',
    405: 'retry',
    407: 'retry',
    408: 'refused',
    413: 'too-large',
    429: 'retry',
    500: 'refused',
    501: 'refused',
    502: 'retry',
    503: 'retry',
    504: 'retry',
  };
  for (const [status, kind] of Object.entries(kinds)) {
    receiver.answer = () => ({ status: Number(status), headers: { location: receiver.tracesUrl } });
    t.equal((await otlp.post(EMPTY)).kind, kind, status);
  }
  t.equal(receiver.requests.length, Object.keys(kinds).length, 'and no redirect is followed');
});

t.test('a backend without a path for log records refuses them', async (t) => {
  const receiver = await backend(t, { status: 404 });
  const logs = client(t, { url: receiver.tracesUrl }, 5_000, 'logs');
  t.equal((await logs.post(EMPTY)).kind, 'refused');
  receiver.answer = () => ({ status: 401 });
  t.equal((await logs.post(EMPTY)).kind, 'retry');
});

t.test('Retry-After is read, in seconds and as a date', async (t) => {
  const receiver = await backend(t, { status: 429, headers: { 'retry-after': '17' } });
  const otlp = client(t, { url: receiver.tracesUrl });
  t.match(await otlp.post(EMPTY), {
    kind: 'retry',
    failure: { cause: 'overloaded', retryAfterSeconds: 17 },
  });
  const date = new Date(Date.now() + 3_600_000).toUTCString();
  receiver.answer = () => ({ status: 503, headers: { 'retry-after': date } });
  const result = await otlp.post(EMPTY);
  const seconds = result.failure?.retryAfterSeconds ?? 0;
  t.ok(seconds > 3_000 && seconds <= 3_600);
});

t.test('an error without an answer is worth another attempt', async (t) => {
  const receiver = await backend(t, 'reset');
  t.match(await client(t, { url: receiver.tracesUrl }).post(EMPTY), {
    kind: 'retry',
    failure: { cause: 'unreachable' },
  });
  receiver.answer = () => 'hang';
  t.match(await client(t, { url: receiver.tracesUrl }, 30).post(EMPTY), {
    kind: 'retry',
    failure: { cause: 'timeout' },
  });
  const refused = client(t, { url: 'http://127.0.0.1:1/' });
  t.match(await refused.post(EMPTY), {
    kind: 'retry',
    failure: { cause: 'unreachable', detail: /ECONNREFUSED/ },
  });
  const noHttp = createServer((socket) => socket.end('SSH-2.0\r\n')).listen(0, '127.0.0.1');
  t.teardown(() => noHttp.close());
  await new Promise((resolve) => noHttp.once('listening', resolve));
  const address = noHttp.address();
  const port = typeof address === 'object' ? address?.port : 0;
  t.match(await client(t, { url: `http://127.0.0.1:${port}/` }).post(EMPTY), {
    kind: 'retry',
    failure: { cause: 'unreachable', detail: /Parse Error/ },
  });
});

t.test('an answer longer than anybody needs is not read to its end', async (t) => {
  const receiver = await backend(t, { status: 200, body: Buffer.alloc(10_000_000, 'x') });
  t.match(await client(t, { url: receiver.tracesUrl }).post(EMPTY), { kind: 'taken', rejected: 0 });
});

t.test('connections are kept alive', async (t) => {
  const receiver = await backend(t, { status: 200 });
  const otlp = client(t, { url: receiver.tracesUrl });
  for (let i = 0; i < 3; i++) await otlp.post(EMPTY);
  t.equal(new Set(receiver.requests.map(({ remotePort }) => remotePort)).size, 1);
});

t.test('a connection that the backend has just closed is replaced at once', async (t) => {
  const receiver = await backend(t, { status: 200 });
  const otlp = client(t, { url: receiver.tracesUrl });
  await otlp.post(EMPTY);
  let isFirst = true;
  receiver.answer = () => {
    if (!isFirst) return { status: 200 };
    isFirst = false;
    return 'reset';
  };
  t.match(await otlp.post(EMPTY), { kind: 'taken' });
  receiver.answer = () => 'reset';
  t.match(await otlp.post(EMPTY), { kind: 'retry' }, 'but only once');
  t.equal(receiver.requests.length, 5);
});

t.test('a compressed body has content-encoding gzip', async (t) => {
  const receiver = await backend(t, { status: 200 });
  const body = Buffer.concat(Array.from({ length: 100 }, () => Buffer.from([0x0a, 0x00])));
  await client(t, { url: receiver.tracesUrl, compression: 'gzip' }).post({ body, items: 0 });
  t.match(receiver.requests, [{ headers: { 'content-encoding': 'gzip' }, body }]);
  t.ok(Number(receiver.requests[0]?.headers['content-length']) < 100);
});

t.test('a certificate that is not trusted is a failure, until it is given as CA', async (t) => {
  const receiver = await backend(t, { status: 200 }, { tls: { cert, key } });
  const url = receiver.tracesUrl.replace('127.0.0.1', 'localhost');
  t.match(await client(t, { url }).post(EMPTY), {
    kind: 'retry',
    failure: { cause: 'unreachable', detail: /self-signed certificate/ },
  });
  t.match(await client(t, { url, tls: { ca: cert } }).post(EMPTY), { kind: 'taken' });
});

t.test('the client certificate is shown to a backend that asks for one', async (t) => {
  const receiver = await backend(t, { status: 200 }, { tls: { cert, key, ca: cert, requestCert: true } });
  const url = receiver.tracesUrl.replace('127.0.0.1', 'localhost');
  t.match(await client(t, { url, tls: { ca: cert } }).post(EMPTY), { kind: 'retry' });
  t.match(await client(t, { url, tls: { ca: cert, cert, key } }).post(EMPTY), { kind: 'taken' });
});

t.test('nothing of sending is traced', async (t) => {
  const manager = new AsyncLocalStorageContextManager().enable();
  context.setGlobalContextManager(manager);
  t.teardown(() => context.disable());
  const receiver = await backend(t, { status: 200 });
  const { subscribe, unsubscribe } = await import('node:diagnostics_channel');
  const seen: unknown[] = [];
  const onRequest = () => {
    seen.push([isTracingSuppressed(context.active()), trace.getActiveSpan()]);
  };
  subscribe('http.client.request.start', onRequest);
  t.teardown(() => unsubscribe('http.client.request.start', onRequest));
  const parent = trace.wrapSpanContext({ traceId: '1'.repeat(32), spanId: '1'.repeat(16), traceFlags: 1 });
  await context.with(trace.setSpan(context.active(), parent), () =>
    client(t, { url: receiver.tracesUrl }).post(EMPTY),
  );
  t.same(seen, [[true, undefined]]);
  t.equal(receiver.requests[0]?.headers.traceparent, undefined);
});

t.test('closing ends requests under way, which are to be sent again', async (t) => {
  const receiver = await backend(t, 'hang');
  const otlp = client(t, { url: receiver.tracesUrl }, 60_000);
  const result = otlp.post(EMPTY);
  await receiver.waitFor(() => receiver.requests.length === 1);
  otlp.close();
  t.match(await result, { kind: 'retry' });
});

t.test('a header that cannot be sent is a failure, not an exception', async (t) => {
  t.match(await client(t, { url: 'http://127.0.0.1:1/', headers: { key: 'a\nb' } }).post(EMPTY), {
    kind: 'retry',
    failure: { cause: 'unreachable', detail: /Invalid character in header/ },
  });
});
