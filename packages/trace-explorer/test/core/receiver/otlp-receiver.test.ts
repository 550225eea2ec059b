import { connect } from 'node:net';
import { deflateSync, gzipSync, zstdCompressSync } from 'node:zlib';
import { encodeLogs, encodeTraces, logsToJson } from '@tandem/otlp';
import {
  decodedLogs,
  MetricsResponse,
  RpcStatusMessage,
  TraceRequest,
  TraceResponse,
} from '@tandem/otlp/testing';
import type { Test } from 'tap';
import t from 'tap';
import { Failure } from '../../../src/core/failures.ts';
import type { ReceiverOptions } from '../../../src/core/receiver/build-receiver.ts';
import { buildReceiver } from '../../../src/core/receiver/build-receiver.ts';
import { Intake } from '../../../src/core/receiver/intake.ts';
import { isLogs } from '../../../src/core/store/rows/request.ts';
import type { ExportRequest } from '../../../src/core/store/store.ts';
import { decoded, randomId } from '../../spans.ts';

const PROTOBUF = { 'content-type': 'application/x-protobuf' };
const JSON_TYPE = { 'content-type': 'application/json' };
const TRACE_ID = '5b8efff798038103d269b633813fc60c';
const JSON_SPAN = { traceId: TRACE_ID, spanId: 'eee19b7ec3c1b174', name: 'x' };

async function start(t: Test, options: Partial<ReceiverOptions> = {}) {
  const received: ExportRequest[] = [];
  const store = {
    write: async (request: ExportRequest): Promise<void> => {
      received.push(request);
    },
  };
  const app = await buildReceiver({ store, ...options });
  t.teardown(() => app.close());
  const base = await app.listen({ host: '127.0.0.1', port: 0 });
  const url = `${base}/v1/traces`;
  const post = (body: Uint8Array | string, headers: Record<string, string>) =>
    fetch(url, { method: 'POST', body: Buffer.from(body), headers });
  const send = (path: string, body: Uint8Array | string, headers: Record<string, string>) =>
    fetch(`${base}${path}`, { method: 'POST', body: Buffer.from(body), headers });
  const spans = () =>
    received.flatMap((request) =>
      isLogs(request) ? [] : request.scopeSpans.flatMap((group) => group.spans),
    );
  const logs = () =>
    received.flatMap((request) =>
      isLogs(request) ? request.scopeLogs.flatMap((group) => group.logRecords) : [],
    );
  return { url, base, post, send, spans, logs, received, port: Number(new URL(base).port) };
}

function jsonBody(...spans: unknown[]): string {
  return JSON.stringify({ resourceSpans: [{ scopeSpans: [{ spans }] }] });
}

function protobufBody(...spans: Record<string, unknown>[]): Uint8Array {
  const ids = { traceId: Buffer.from(TRACE_ID, 'hex'), spanId: Buffer.from(randomId(8), 'hex') };
  return TraceRequest.encode(
    TraceRequest.fromObject({
      resourceSpans: [{ scopeSpans: [{ spans: spans.map((span) => ({ ...ids, ...span })) }] }],
    }),
  ).finish();
}

async function protobufStatus(response: Response): Promise<Record<string, unknown>> {
  return RpcStatusMessage.toObject(RpcStatusMessage.decode(new Uint8Array(await response.arrayBuffer())));
}

t.test('protobuf is answered in protobuf, with partial_success unset', async (t) => {
  const { post, spans } = await start(t);
  const response = await post(protobufBody({ name: 'one' }, { name: 'two' }), PROTOBUF);
  t.equal(response.status, 200);
  t.equal(response.headers.get('content-type'), 'application/x-protobuf');
  t.equal((await response.arrayBuffer()).byteLength, 0);
  t.same(
    spans().map(({ name }) => name),
    ['one', 'two'],
  );
});

t.test('JSON is answered in JSON, with partialSuccess unset', async (t) => {
  const { post, spans } = await start(t);
  const response = await post(jsonBody(JSON_SPAN), { 'content-type': 'application/json; charset=utf-8' });
  t.equal(response.status, 200);
  t.match(response.headers.get('content-type'), 'application/json');
  t.same(await response.json(), {});
  t.equal(spans()[0]?.traceId, TRACE_ID);
});

t.test('each content encoding is undone', async (t) => {
  const { post, spans } = await start(t);
  const body = protobufBody({ name: 'packed' });
  const codings: [string, Uint8Array][] = [
    ['gzip', gzipSync(body)],
    ['GZIP', gzipSync(body)],
    ['deflate', deflateSync(body)],
    ['zstd', zstdCompressSync(body)],
    ['identity', body],
  ];
  for (const [coding, packed] of codings) {
    const response = await post(packed, { ...PROTOBUF, 'content-encoding': coding });
    t.equal(response.status, 200, coding);
  }
  t.equal(spans().length, codings.length);
});

t.test('an empty request is a success', async (t) => {
  const { post } = await start(t);
  for (const [body, headers] of [
    ['', PROTOBUF],
    ['', JSON_TYPE],
    ['{}', JSON_TYPE],
    ['{"resourceSpans":[]}', JSON_TYPE],
  ] as const) {
    t.equal((await post(body, headers)).status, 200, JSON.stringify(body));
  }
});

t.test('a bad span costs that span alone, and partial success says which and why', async (t) => {
  const { post, spans } = await start(t);
  const body = protobufBody(
    { name: 'good' },
    { name: 'short id', traceId: Buffer.from('abcd', 'hex') },
    { name: 'also good' },
  );
  const response = await post(body, PROTOBUF);
  t.equal(response.status, 200);
  const answer = TraceResponse.toObject(TraceResponse.decode(new Uint8Array(await response.arrayBuffer())), {
    longs: Number,
  });
  t.equal(answer.partialSuccess.rejectedSpans, 1);
  t.match(answer.partialSuccess.errorMessage, /spans\[1\]: trace_id has 2 bytes instead of 16/);
  t.same(
    spans().map(({ name }) => name),
    ['good', 'also good'],
  );

  const json = await post(jsonBody(JSON_SPAN, { ...JSON_SPAN, startTimeUnixNano: 'soon' }, 7), JSON_TYPE);
  t.same(await json.json(), {
    partialSuccess: {
      rejectedSpans: '2',
      errorMessage:
        'resourceSpans[0].scopeSpans[0].spans[1]: startTimeUnixNano is not an integer; resourceSpans[0].scopeSpans[0].spans[2]: the span is not an object',
    },
  });
});

t.test('what cannot be decoded is refused with a Status in the encoding of the request', async (t) => {
  const { post } = await start(t);
  const protobuf = await post(Buffer.from('no protobuf'), PROTOBUF);
  t.equal(protobuf.status, 400);
  t.equal(protobuf.headers.get('content-type'), 'application/x-protobuf');
  t.match(await protobufStatus(protobuf), { code: 3, message: /not an OTLP trace request in protobuf/ });

  const json = await post('{"resourceSpans":', JSON_TYPE);
  t.equal(json.status, 400);
  t.match(await json.json(), { code: 3, message: /not an OTLP trace request in JSON/ });
});

t.test('a truncated body is refused, packed or not', async (t) => {
  const { post } = await start(t);
  const body = protobufBody({ name: 'whole' });
  t.equal((await post(body.subarray(0, body.byteLength - 3), PROTOBUF)).status, 400);
  for (const [coding, packed] of [
    ['gzip', gzipSync(body)],
    ['zstd', zstdCompressSync(body)],
    ['deflate', deflateSync(body)],
  ] as const) {
    const response = await post(packed.subarray(0, packed.byteLength - 9), {
      ...PROTOBUF,
      'content-encoding': coding,
    });
    t.equal(response.status, 400, coding);
    t.match(await protobufStatus(response), { message: new RegExp(`not valid ${coding}`) });
  }
});

t.test('a body over the limit is refused by its size after decompression', async (t) => {
  const { post } = await start(t, { maxBodyBytes: 100_000 });
  const bomb = Buffer.alloc(10_000_000);
  for (const [coding, packed] of [
    ['gzip', gzipSync(bomb)],
    ['zstd', zstdCompressSync(bomb)],
    ['deflate', deflateSync(bomb)],
  ] as const) {
    const response = await post(packed, { ...PROTOBUF, 'content-encoding': coding });
    t.equal(response.status, 413, coding);
    t.match(await protobufStatus(response), { code: 8 });
  }
  t.equal((await post(bomb, PROTOBUF)).status, 413);
  t.equal((await post(protobufBody({ name: 'small' }), PROTOBUF)).status, 200);
});

t.test('the limit is 20 MiB', async (t) => {
  const { post } = await start(t);
  const over = gzipSync(Buffer.alloc(20 * 1024 * 1024 + 1), { level: 1 });
  t.equal((await post(over, { ...PROTOBUF, 'content-encoding': 'gzip' })).status, 413);
});

t.test('other content types and encodings are 415, other methods 405, other paths 404', async (t) => {
  const { post, url, base } = await start(t);
  t.equal((await post('a=b', { 'content-type': 'application/x-www-form-urlencoded' })).status, 415);
  t.equal((await post('x', { 'content-type': 'text/plain' })).status, 415);
  const coding = await post('x', { ...PROTOBUF, 'content-encoding': 'br' });
  t.equal(coding.status, 415);
  t.match(await protobufStatus(coding), { message: /gzip, deflate, zstd/ });
  for (const method of ['GET', 'PUT', 'DELETE', 'PATCH']) {
    const response = await fetch(url, { method });
    t.equal(response.status, 405, method);
    t.equal(response.headers.get('allow'), 'POST, OPTIONS');
  }
  const profiles = await fetch(`${base}/v1development/profiles`, {
    method: 'POST',
    body: '{}',
    headers: JSON_TYPE,
  });
  t.equal(profiles.status, 404);
  t.match(await profiles.json(), { message: /POST \/v1\/traces/ });
});

t.test('a writer that is behind answers 429 with Retry-After, one that fails 503', async (t) => {
  let error: Error = new Failure('STORE_BUSY');
  const { post } = await start(t, { store: { write: () => Promise.reject(error) } });
  const busy = await post(jsonBody(JSON_SPAN), JSON_TYPE);
  t.equal(busy.status, 429);
  t.equal(busy.headers.get('retry-after'), '1');
  error = new Error('/secret/path: no space left on device');
  const failed = await post(jsonBody(JSON_SPAN), JSON_TYPE);
  t.equal(failed.status, 503);
  t.ok(Number(failed.headers.get('retry-after')) > 0);
  t.notMatch(await failed.text(), 'secret');
});

t.test('pages of this machine may send spans, pages of others may not', async (t) => {
  const { url, post, spans } = await start(t);
  const preflight = (origin: string) =>
    fetch(url, {
      method: 'OPTIONS',
      headers: {
        origin,
        'access-control-request-method': 'POST',
        'access-control-request-headers': 'content-type,content-encoding',
      },
    });
  for (const origin of ['http://localhost:3000', 'http://127.0.0.1:8080', 'http://[::1]:3000']) {
    const allowed = await preflight(origin);
    t.equal(allowed.status, 204);
    t.equal(allowed.headers.get('access-control-allow-origin'), origin);
    t.match(allowed.headers.get('access-control-allow-headers'), 'content-type');
    t.equal(allowed.headers.get('access-control-allow-credentials'), 'true', 'sendBeacon has credentials');
  }
  const sent = await post(jsonBody(JSON_SPAN), { ...JSON_TYPE, origin: 'http://localhost:3000' });
  t.equal(sent.status, 200);
  t.equal(sent.headers.get('access-control-allow-origin'), 'http://localhost:3000');

  for (const origin of [
    'https://evil.example',
    'http://localhost.evil.example',
    'null',
    'http://127.0.0.1.evil.example',
  ]) {
    const refused = await preflight(origin);
    t.equal(refused.status, 403, origin);
    t.equal(refused.headers.get('access-control-allow-origin'), null);
    t.equal((await post(jsonBody(JSON_SPAN), { ...JSON_TYPE, origin })).status, 403);
  }
  t.equal(spans().length, 1);
});

t.test('a sender that stops in the middle is cut off, and others are served meanwhile', async (t) => {
  const { port, post } = await start(t, { requestTimeoutMs: 1_500 });
  const socket = connect(port, '127.0.0.1');
  const answer = new Promise<string>((resolve) => {
    let text = '';
    socket.on('data', (data) => {
      text += data;
    });
    socket.on('close', () => resolve(text));
    socket.on('error', () => resolve(text));
  });
  socket.write(
    'POST /v1/traces HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: 1000\r\n\r\n{"res',
  );
  t.equal((await post(jsonBody(JSON_SPAN), JSON_TYPE)).status, 200);
  t.match(await answer, /^HTTP\/1\.1 408/);
});

t.test('a connection that ends early leaves the receiver as it was', async (t) => {
  const { port, post, spans } = await start(t);
  const socket = connect(port, '127.0.0.1');
  socket.end(
    'POST /v1/traces HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: 1000\r\n\r\n{}',
  );
  socket.on('error', () => {});
  socket.resume();
  await new Promise((resolve) => socket.on('close', resolve));
  t.equal((await post(jsonBody(JSON_SPAN), JSON_TYPE)).status, 200);
  t.equal(spans().length, 1);
});

t.test('many requests at once are all taken', async (t) => {
  const { post, spans } = await start(t);
  const bodies = Array.from({ length: 40 }, (_, i) =>
    gzipSync(encodeTraces(decoded([{ name: `${i}` }, {}]))),
  );
  const responses = await Promise.all(
    bodies.map((body) => post(body, { ...PROTOBUF, 'content-encoding': 'gzip' })),
  );
  t.ok(responses.every(({ status }) => status === 200));
  t.equal(spans().length, 80);
});

t.test('log records are received in both encodings and every compression', async (t) => {
  const { send, logs } = await start(t);
  const sent = decodedLogs([{ body: 'one', traceId: TRACE_ID }, { body: 'two' }]);
  const protobuf = Buffer.from(encodeLogs(sent));
  for (const [body, headers] of [
    [protobuf, PROTOBUF],
    [gzipSync(protobuf), { ...PROTOBUF, 'content-encoding': 'gzip' }],
    [zstdCompressSync(protobuf), { ...PROTOBUF, 'content-encoding': 'zstd' }],
    [deflateSync(protobuf), { ...PROTOBUF, 'content-encoding': 'deflate' }],
    [JSON.stringify(logsToJson(sent.scopeLogs)), JSON_TYPE],
  ] as const) {
    const response = await send('/v1/logs', body, headers);
    t.equal(response.status, 200);
    t.match(response.headers.get('content-type'), headers['content-type']);
  }
  t.same(
    logs().map(({ body }) => body.value),
    Array.from({ length: 5 }, () => ['one', 'two']).flat(),
  );
});

t.test('a bad log record costs that record alone, and partial success says which and why', async (t) => {
  const { send, logs } = await start(t);
  const good = { body: { stringValue: 'good' } };
  const logRecords = [good, { timeUnixNano: 'soon' }, good];
  const json = await send(
    '/v1/logs',
    JSON.stringify({ resourceLogs: [{ scopeLogs: [{ logRecords }] }] }),
    JSON_TYPE,
  );
  t.equal(json.status, 200);
  t.same(await json.json(), {
    partialSuccess: {
      rejectedLogRecords: '1',
      errorMessage: 'resourceLogs[0].scopeLogs[0].logRecords[1]: timeUnixNano is not an integer',
    },
  });
  t.equal(logs().length, 2);
  const spans = await send('/v1/logs', 'no protobuf', PROTOBUF);
  t.equal(spans.status, 400);
  t.match(await protobufStatus(spans), { message: /not an OTLP logs request in protobuf/ });
});

t.test('log records have the limits of spans, and their writer may be behind', async (t) => {
  const { send } = await start(t, { maxBodyBytes: 1_000 });
  const bomb = gzipSync(Buffer.alloc(1_000_000));
  t.equal((await send('/v1/logs', bomb, { ...PROTOBUF, 'content-encoding': 'gzip' })).status, 413);
  t.equal((await send('/v1/logs', 'x', { 'content-type': 'text/plain' })).status, 415);
  const busy = await start(t, { store: { write: () => Promise.reject(new Failure('STORE_BUSY')) } });
  const response = await busy.send('/v1/logs', encodeLogs(decodedLogs([{}])), PROTOBUF);
  t.equal(response.status, 429);
  t.equal(response.headers.get('retry-after'), '1');
});

t.test('metrics are answered with success in their encoding, and not kept', async (t) => {
  const intake = new Intake({ store: { write: () => Promise.reject(new Error('nothing may be written')) } });
  const { send } = await start(t, { intake });
  const protobuf = await send('/v1/metrics', 'not even metrics', {
    ...PROTOBUF,
    'user-agent': 'OTel-Java/1',
  });
  t.equal(protobuf.status, 200);
  t.same(MetricsResponse.decode(new Uint8Array(await protobuf.arrayBuffer())).toJSON(), {});
  for (let i = 0; i < 2; i++) {
    const json = await send('/v1/metrics', '{}', { ...JSON_TYPE, 'user-agent': 'otel-python/2' });
    t.same(await json.json(), {});
  }
  t.equal(intake.hasUnkeptMetrics, true);
});

t.test('x-honeycomb-dataset names the dataset of logs, and of spans with a classic key', async (t) => {
  const { send, received } = await start(t);
  const dataset = { 'x-honeycomb-dataset': 'from the header' };
  const logs = encodeLogs(decodedLogs([{ body: 'x' }]));
  const last = () => received.at(-1)?.dataset;
  t.equal((await send('/v1/logs', logs, { ...PROTOBUF, ...dataset })).status, 200);
  t.equal(last(), 'from the header');
  await send('/v1/logs', JSON.stringify(logsToJson(decodedLogs([{ body: 'x' }]).scopeLogs)), {
    ...JSON_TYPE,
    'x-honeycomb-dataset': Buffer.from('Zürich').toString('latin1'),
  });
  t.equal(last(), 'Zürich', 'bytes of UTF-8');
  await send('/v1/logs', logs, PROTOBUF);
  t.equal(last(), undefined);
  await send('/v1/traces', protobufBody({ name: 'x' }), { ...PROTOBUF, ...dataset });
  t.equal(last(), undefined, 'of spans it means nothing');
  const key = { 'x-honeycomb-team': 'c'.repeat(32) };
  await send('/v1/traces', protobufBody({ name: 'x' }), { ...PROTOBUF, ...dataset, ...key });
  t.equal(last(), 'from the header');
});

t.test('JSON of which nothing is understood is a partial success that names the member', async (t) => {
  const { send } = await start(t);
  const spans = [JSON_SPAN];
  const cases: [path: string, body: object, name: string | undefined][] = [
    ['/v1/traces', { resource_spans: [{ scope_spans: [{ spans }] }] }, 'resource_spans'],
    ['/v1/traces', { resourceSpans: [{ scope_spans: [{ spans }] }] }, 'scope_spans'],
    ['/v1/traces', { batches: [{ scopeSpans: [{ spans }] }] }, 'batches'],
    [
      '/v1/traces',
      { resourceSpans: [{ instrumentationLibrarySpans: [{ spans }] }] },
      'instrumentationLibrarySpans',
    ],
    ['/v1/traces', { data: [{ traceID: '1' }] }, 'data'],
    ['/v1/traces', { resourceMetrics: [] }, 'resourceMetrics'],
    ['/v1/logs', { resource_logs: [] }, 'resource_logs'],
    ['/v1/logs', { resourceSpans: [{ scopeSpans: [{ spans }] }] }, 'resourceSpans'],
    ['/v1/traces', {}, undefined],
    ['/v1/traces', { resourceSpans: [] }, undefined],
    ['/v1/traces', { resourceSpans: [{ resource: { attributes: [{ key: 'batches' }] } }] }, undefined],
    ['/v1/traces', { batches: 1, resourceSpans: [{ scopeSpans: [{ spans }] }] }, undefined],
  ];
  for (const [path, body, name] of cases) {
    const answer = await send(path, JSON.stringify(body), JSON_TYPE);
    t.equal(answer.status, 200);
    const { partialSuccess } = (await answer.json()) as { partialSuccess?: { errorMessage: string } };
    if (name === undefined) t.equal(partialSuccess, undefined, JSON.stringify(body));
    else t.match(partialSuccess?.errorMessage, `stored nothing: "${name}" is not a name of OTLP JSON here`);
  }
});
