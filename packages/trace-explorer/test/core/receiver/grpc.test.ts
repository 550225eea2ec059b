import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { connect as connectHttp2, createServer } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { connect } from 'node:net';
import { gzipSync } from 'node:zlib';
import { status } from '@grpc/grpc-js';
import { encodeLogs, encodeTraces, RpcCode } from '@tandem/otlp';
import {
  decodedLogs,
  decodeRpcStatus,
  LogsRequest,
  LogsResponse,
  RpcStatusMessage,
  TraceRequest,
  TraceResponse,
} from '@tandem/otlp/testing';
import t from 'tap';
import { Failure } from '../../../src/core/failures.ts';
import { buildReceiver, openPort } from '../../../src/core/receiver/build-receiver.ts';
import { refuseCall } from '../../../src/core/receiver/grpc/answer.ts';
import { Intake } from '../../../src/core/receiver/intake.ts';
import { createAccess } from '../../../src/core/serve/access.ts';
import { isLogs } from '../../../src/core/store/rows/request.ts';
import { decoded, randomId } from '../../spans.ts';
import { callGrpc, GRPC_HEADERS, LOGS, prefixed, TRACES } from './call-grpc.ts';
import type { Answer } from './grpc-receiver.ts';
import { clientOf, start } from './grpc-receiver.ts';

const METRICS = '/opentelemetry.proto.collector.metrics.v1.MetricsService/Export';
const MIB = 1024 * 1024;

function detailsOf({ error }: Answer) {
  const [details] = error?.metadata.get('grpc-status-details-bin') ?? [];
  return details instanceof Buffer ? decodeRpcStatus(details, 'protobuf') : undefined;
}

t.test('spans arrive, compressed or not, and the answer is an empty success', async (t) => {
  const { call, names, port } = await start(t);
  const message = (name: string) => encodeTraces(decoded([{ name }, { name: 'last' }]));
  t.match(await call(TRACES, message('called')), { error: null, response: Buffer.alloc(0) });
  for (const [flag, encoding, body] of [
    [0, 'identity', message('identity')],
    [0, 'gzip', message('not compressed')],
    [1, 'gzip', gzipSync(message('gzip'))],
  ] as const) {
    const answer = await callGrpc(port, prefixed(body, flag), { 'grpc-encoding': encoding });
    t.match(answer, { ':status': 200, 'content-type': 'application/grpc', 'grpc-status': '0' });
  }
  t.strictSame(
    names(),
    ['called', 'identity', 'not compressed', 'gzip'].flatMap((name) => [name, 'last']),
  );
  t.match(await call(TRACES, Buffer.alloc(0)), { error: null });
});

t.test('log records arrive over gRPC, and a bad one costs itself alone', async (t) => {
  const { call, parts } = await start(t);
  const traceId = Buffer.from(randomId(16), 'hex');
  const message = LogsRequest.encode({
    resourceLogs: [
      {
        scopeLogs: [
          { logRecords: [{ body: { stringValue: 'one' }, traceId }, { body: { stringValue: 'two' } }] },
        ],
      },
    ],
  }).finish();
  t.match(await call(LOGS, message), { error: null, response: Buffer.alloc(0) });
  const bodies = () =>
    parts
      .flatMap((part) => (isLogs(part) ? part.scopeLogs : []))
      .flatMap(({ logRecords }) => logRecords.map(({ body }) => body?.value));
  t.strictSame(bodies(), ['one', 'two']);
  // A message of two bytes where the record has three: its body has a length that goes beyond it.
  const broken = Buffer.from(message);
  broken[broken.indexOf('two') - 1] = 0x7f;
  const { response } = await call(LOGS, broken);
  t.match(LogsResponse.toObject(LogsResponse.decode(response ?? Buffer.alloc(0)), { longs: Number }), {
    partialSuccess: { rejectedLogRecords: 1 },
  });
  t.strictSame(bodies(), ['one', 'two', 'one']);
});

t.test('metadata names the dataset of logs, and of spans with a classic key', async (t) => {
  const { port, parts } = await start(t);
  const dataset = { 'x-honeycomb-dataset': 'from metadata' };
  const key = { 'x-honeycomb-team': `hcaic_${'a1'.repeat(29)}` };
  const logs = prefixed(encodeLogs(decodedLogs([{ body: 'x' }])));
  const traces = prefixed(encodeTraces(decoded([{}])));
  await callGrpc(port, logs, { ':path': LOGS, ...dataset });
  await callGrpc(port, logs, { ':path': LOGS });
  await callGrpc(port, traces, dataset);
  await callGrpc(port, traces, { ...dataset, ...key });
  t.same(
    parts.map(({ dataset }) => dataset),
    ['from metadata', undefined, undefined, 'from metadata'],
  );
});

t.test('metrics over gRPC are noticed', async (t) => {
  const intake = new Intake({ store: { write: async () => {} } });
  const { port } = await start(t, { intake });
  for (let sent = 0; sent < 2; sent++)
    await callGrpc(port, prefixed(Buffer.from('whatever')), { ':path': METRICS, 'user-agent': 'cart/1.0' });
  t.equal(intake.hasUnkeptMetrics, true);
});

t.test('a bad span costs that span alone, and partial success says which and why', async (t) => {
  const { call, names } = await start(t);
  const ids = { traceId: Buffer.from(randomId(16), 'hex'), spanId: Buffer.from(randomId(8), 'hex') };
  const spans = [
    { ...ids, name: 'good' },
    { ...ids, name: 'short id', traceId: Buffer.alloc(2, 1) },
  ];
  const request = TraceRequest.fromObject({ resourceSpans: [{ scopeSpans: [{ spans }] }] });
  const { response = Buffer.alloc(0) } = await call(TRACES, TraceRequest.encode(request).finish());
  t.match(TraceResponse.toObject(TraceResponse.decode(response), { longs: Number }), {
    partialSuccess: { rejectedSpans: 1, errorMessage: /spans\[1\]: trace_id has 2 bytes instead of 16/ },
  });
  t.strictSame(names(), ['good']);
});

t.test('what cannot be decoded is INVALID_ARGUMENT, with the reason', async (t) => {
  const { call, port, names } = await start(t);
  const bad = await call(TRACES, Buffer.from('no protobuf'));
  t.match(bad.error, { code: status.INVALID_ARGUMENT, details: /not an OTLP trace request in protobuf/ });
  t.match(detailsOf(bad), { code: RpcCode.invalidArgument, message: /not an OTLP trace request/ });

  const message = encodeTraces(decoded([{ name: 'x' }]));
  const said = async (body: Uint8Array, expected: string, headers = {}) =>
    t.match(await callGrpc(port, body, headers), { 'grpc-status': '3', 'grpc-message': expected }, expected);
  await said(prefixed(Buffer.from('no gzip'), 1), 'the body is not valid gzip', { 'grpc-encoding': 'gzip' });
  await said(prefixed(message, 1), 'grpc-encoding does not say how');
  await said(prefixed(message, 7), 'first byte is 0 or 1');
  await said(prefixed(message).subarray(0, 20), 'the call ended before its message did');
  await said(Buffer.alloc(3), 'the call ended before its message did');
  await said(Buffer.alloc(0), 'the call ended before its message did');
  await said(
    Buffer.concat([prefixed(message), prefixed(message)]),
    'takes one message, and this call has more',
  );
  const encoding = await callGrpc(port, prefixed(message, 1), { 'grpc-encoding': 'snappy' });
  t.match(encoding, {
    'grpc-status': '12',
    'grpc-message': 'grpc-encoding must be one of identity,gzip,deflate',
    'grpc-accept-encoding': 'identity,gzip,deflate',
  });
  t.strictSame(names(), []);
});

t.test(
  'what is too large is RESOURCE_EXHAUSTED, as it came or unpacked, and costs the next call nothing',
  async (t) => {
    const { call, port } = await start(t, { maxBodyBytes: 100_000 });
    const bomb = await call(TRACES, Buffer.alloc(10_000_000));
    t.match(bomb.error, {
      code: status.RESOURCE_EXHAUSTED,
      details: /larger than 100000 bytes after decompr/,
    });
    const plain = await callGrpc(port, prefixed(Buffer.alloc(10_000_000)));
    t.match(plain, { 'grpc-status': '8', 'grpc-message': 'the body is larger than 100000 bytes' });
    t.match(await call(TRACES, encodeTraces(decoded([{}]))), { error: null });
  },
);

t.test('messages that arrive count as those over HTTP do', async (t) => {
  const intake = new Intake({
    store: { write: async () => {} },
    maxArrivingBytes: MIB,
  });
  const { call, port } = await start(t, { intake });
  const session = connectHttp2(`http://127.0.0.1:${port}`);
  t.teardown(() => session.destroy());
  const stream = session.request({ ...GRPC_HEADERS, ':path': TRACES });
  stream.on('error', () => {});
  const half = prefixed(Buffer.alloc(MIB)).subarray(0, 700_000);
  await new Promise((resolve) => stream.write(half, resolve));
  const refused = await call(TRACES, randomBytes(700_000));
  t.match(refused.error, { code: status.UNAVAILABLE, details: 'too much is being received at this moment' });
  t.match(detailsOf(refused), { retryDelaySeconds: 1 });
});

t.test('a writer that is behind is UNAVAILABLE, and RetryInfo says when to come back', async (t) => {
  let error: Error = new Failure('STORE_BUSY');
  const { call } = await start(t, { store: { write: () => Promise.reject(error) } });
  const message = encodeTraces(decoded([{}]));
  const busy = await call(TRACES, message);
  t.equal(busy.error?.code, status.UNAVAILABLE);
  t.match(detailsOf(busy), { code: RpcCode.unavailable, retryDelaySeconds: 1 });
  const [bytes] = busy.error?.metadata.get('grpc-status-details-bin') ?? [];
  t.match(RpcStatusMessage.toObject(RpcStatusMessage.decode(bytes as Buffer)).details, [
    { typeUrl: 'type.googleapis.com/google.rpc.RetryInfo' },
  ]);
  error = new Error('/secret/path: no space left on device');
  const failed = await call(TRACES, message);
  t.equal(failed.error?.code, status.UNAVAILABLE);
  t.ok(Number(detailsOf(failed)?.retryDelaySeconds) > 0);
  t.notMatch(failed.error?.details, 'secret');
});

t.test('with a token, those who do not send it are UNAUTHENTICATED', async (t) => {
  const { port, names } = await start(t, { access: createAccess('a-token-of-this-test') });
  const message = prefixed(encodeTraces(decoded([{ name: 'x' }])));
  for (const path of [TRACES, METRICS]) {
    const refused = await callGrpc(port, message, { ':path': path });
    t.match(refused, { 'grpc-status': '16', 'grpc-message': /EXPLORER_TOKEN/ }, path);
    t.match(await callGrpc(port, message, { ':path': path, authorization: 'Bearer other' }), {
      'grpc-status': '16',
    });
    const authorization = 'Bearer a-token-of-this-test';
    t.match(await callGrpc(port, message, { ':path': path, authorization }), { 'grpc-status': '0' }, path);
  }
  t.strictSame(names(), ['x']);
});

t.test('other services are UNIMPLEMENTED, metrics are taken and not kept', async (t) => {
  const { call, names, port } = await start(t);
  for (const path of ['/grpc.health.v1.Health/Check', '/__proto__', '/é%', TRACES.toLowerCase()])
    t.match((await call(encodeURI(path), Buffer.alloc(10))).error, {
      code: status.UNIMPLEMENTED,
      details: /is unknown here.*TraceService/,
    });
  const logs = await call(LOGS, Buffer.alloc(0));
  t.notOk(logs.error, 'log records are taken');
  t.match(await call(METRICS, Buffer.from('whatever')), { error: null, response: Buffer.alloc(0) });
  t.strictSame(names(), []);
  const json = await callGrpc(port, Buffer.from('{}'), { 'content-type': 'application/json' });
  t.match(json, {
    ':status': 415,
    text: /takes OTLP over HTTP\/1\.1, or as gRPC/,
  });
});

t.test('each port takes HTTP as well as gRPC, and closing leaves all of them', async (t) => {
  const { receiver, port, call, names } = await start(t);
  const further = await openPort(receiver, '127.0.0.1', 0);
  const sent: string[] = [];
  for (const to of [port, further.port]) {
    sent.push(`HTTP ${to}`, `gRPC ${to}`);
    const [overHttp, overGrpc] = sent.slice(-2).map((name) => encodeTraces(decoded([{ name }])));
    const headers = { 'content-type': 'application/x-protobuf' };
    const url = `http://127.0.0.1:${to}/v1/traces`;
    t.equal((await fetch(url, { method: 'POST', body: Buffer.from(overHttp ?? ''), headers })).status, 200);
    t.match(await (to === port ? call : clientOf(t, to))(TRACES, overGrpc ?? Buffer.alloc(0)), {
      error: null,
    });
  }
  t.strictSame(names(), sent);
  await further.close();
  await receiver.close();
  for (const left of [port, further.port]) {
    const late = connect(left, '127.0.0.1');
    t.match(await new Promise((resolve) => late.on('error', resolve)), { code: 'ECONNREFUSED' });
  }
});

t.test('a sender of gRPC that keeps its connection does not keep the receiver open', async (t) => {
  const store = { write: async () => {} };
  const app = await buildReceiver({ store });
  const session = connectHttp2(await app.listen({ host: '127.0.0.1', port: 0 }));
  t.teardown(() => session.destroy());
  const stream = session.request({ ...GRPC_HEADERS, ':path': TRACES }).end(prefixed(Buffer.alloc(0)));
  const ended = once(
    session.on('error', () => {}),
    'close',
  );
  t.match(await once(stream.resume(), 'response'), [{ ':status': 200 }]);
  await app.close();
  await ended;
});

t.test('a sender that stops in the middle is cut off, and others are served meanwhile', async (t) => {
  const { call, port } = await start(t, { requestTimeoutMs: 1_500 });
  const session = connectHttp2(`http://127.0.0.1:${port}`);
  t.teardown(() => session.destroy());
  const answers = [Buffer.alloc(2), prefixed(Buffer.alloc(1000)).subarray(0, 500)].map(async (bytes) => {
    const stream = session.request({ ...GRPC_HEADERS, ':path': TRACES });
    stream.write(bytes);
    const [headers] = await once(stream, 'response');
    return headers['grpc-status'];
  });
  const silent = connect(port, '127.0.0.1');
  const tls = connect(port, '127.0.0.1').on('error', () => {});
  tls.write(Buffer.from([0x16, 3, 1]));
  t.match(await call(TRACES, encodeTraces(decoded([{}]))), { error: null });
  t.strictSame(await Promise.all(answers), ['4', '4']);
  await Promise.all([silent, tls].map((socket) => socket.closed || once(socket.resume(), 'close')));
});

t.test('a session that calls nothing is ended, and one that has called stays', async (t) => {
  const { port } = await start(t, { requestTimeoutMs: 1_500 });
  const caller = connectHttp2(`http://127.0.0.1:${port}`);
  t.teardown(() => caller.destroy());
  const call = async () => {
    const stream = caller.request({ ...GRPC_HEADERS, ':path': TRACES }).end(prefixed(Buffer.alloc(0)));
    t.match(await once(stream.resume(), 'response'), [{ ':status': 200 }]);
  };
  await call();
  const preface = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n');
  const settings = Buffer.from([0, 0, 0, 4, 0, 0, 0, 0, 0]);
  const silent = [preface, Buffer.concat([preface, settings])].map((begin) => {
    const socket = connect(port, '127.0.0.1').on('error', () => {});
    socket.write(begin);
    return once(socket.resume(), 'close');
  });
  await Promise.all(silent);
  await call();
});

t.test('closing answers what is under way, ends idle connections, and leaves the port', async (t) => {
  const arrived = Promise.withResolvers<void>();
  const stored = Promise.withResolvers<void>();
  const { receiver, call, port } = await start(t, {
    store: {
      write: async () => {
        arrived.resolve();
        await stored.promise;
      },
    },
  });
  const idle = [connect(port, '127.0.0.1'), connect(port, '127.0.0.1')];
  idle[1]?.write('POST / HTTP/1.1\r\n');
  await Promise.all(idle.map((socket) => once(socket, 'connect')));
  const answer = call(TRACES, encodeTraces(decoded([{}])));
  await arrived.promise;
  const closed = receiver.close();
  stored.resolve();
  t.match(await answer, { error: null });
  await closed;
  const late = connect(port, '127.0.0.1');
  t.match(await new Promise((resolve) => late.on('error', resolve)), { code: 'ECONNREFUSED' });
});

t.test('a call that is refused half-way leaves no stream behind', async (t) => {
  const closed = Promise.withResolvers<void>();
  const server = createServer().on('stream', (stream) => {
    stream.once('data', () => {
      stream.pause();
      refuseCall(stream, { code: RpcCode.unavailable, message: 'later' });
    });
    stream.on('close', closed.resolve);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => server.close());
  const session = connectHttp2(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  t.teardown(() => session.destroy());
  const stream = session.request({ ...GRPC_HEADERS, ':path': TRACES });
  stream.write(Buffer.alloc(100_000));
  const [answer] = await once(stream, 'response');
  t.equal(answer['grpc-status'], '14');
  await closed.promise;
});
