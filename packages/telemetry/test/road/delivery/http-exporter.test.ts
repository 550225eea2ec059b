// Alone in its process: it has limits of time.
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { readFileSync } from 'node:fs';
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { context, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { isTracingSuppressed } from '@opentelemetry/core';
import { OTLPLogExporter } from '@opentelemetry/exporter-logs-otlp-proto';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto';
import type { ReadableLogRecord, SdkLogRecord } from '@opentelemetry/sdk-logs';
import { LoggerProvider } from '@opentelemetry/sdk-logs';
import t from 'tap';
import { until } from '../../../../../test/helpers/until.ts';
import { ExportRequest } from '../../../src/road/delivery/batch-processor.ts';
import type { Destination } from '../../../src/road/delivery/http-exporter.ts';
import { HttpExporter } from '../../../src/road/delivery/http-exporter.ts';
import type { Signal } from '../../../src/road/delivery/signal.ts';
import { LOG_RECORDS, SPANS } from '../../../src/road/delivery/signal.ts';
import { startReceiver } from '../../receiver.ts';
import { serve } from '../../serve.ts';
import type { Test } from './harness.ts';
import { spansWithNames } from './harness.ts';

const FIXTURES = join(import.meta.dirname, '../../fixtures');
const CERTIFICATE = join(FIXTURES, 'self-signed.cert.pem');
const KEY = join(FIXTURES, 'self-signed.key.pem');

/** Too short for a repetition, which starts after a second. */
const ONE_ATTEMPT_MS = 700;
/** For an answer that ends the first attempt, however busy the machine is. */
const PATIENT_MS = 60_000;

/** Sends an empty request, which is a valid one. */
function client(t: Test, destination: Omit<Destination, 'name'>, timeoutMs = PATIENT_MS) {
  const exporter = new HttpExporter({ name: 'backend', ...destination }, SPANS, timeoutMs);
  t.teardown(() => exporter.close());
  return { exporter, post: (body: Uint8Array = Buffer.alloc(0)) => exporter.send(body, 1) };
}

t.test('what a server may take later is kept, and what it never takes is refused', async (t) => {
  const receiver = await startReceiver(t, { status: 200 });
  const [once, patient] = [ONE_ATTEMPT_MS, PATIENT_MS].map((ms) =>
    client(t, { url: receiver.tracesUrl }, ms),
  );
  const kinds = {
    taken: [200, 202, 204],
    retry: [301, 308, 401, 403, 404, 405, 407, 408, 415, 429, 500, 502, 503, 504, 507, 520, 530],
    refused: [400, 422, 501, 505],
    'too-large': [413],
  };
  for (const [kind, statuses] of Object.entries(kinds))
    for (const status of statuses) {
      receiver.answer = () => ({ status, headers: { location: receiver.tracesUrl } });
      t.equal((await (kind === 'retry' ? once : patient)?.post())?.kind, kind, `${status}`);
    }
  t.equal(receiver.requests.length, Object.values(kinds).flat().length, 'and no redirect is followed');
});

t.test('an error without an answer is worth another attempt', async (t) => {
  const [reset, hanging] = [await startReceiver(t, 'reset'), await startReceiver(t, 'hang')];
  const noHttp = createServer((socket) => void socket.end('SSH-2.0\r\n'));
  for (const [url, timeoutMs, failure] of [
    [reset.tracesUrl, ONE_ATTEMPT_MS, { cause: 'unreachable' }],
    [hanging.tracesUrl, 30, { cause: 'timeout' }],
    ['http://127.0.0.1:1/', ONE_ATTEMPT_MS, { cause: 'unreachable', detail: /ECONNREFUSED/ }],
    [
      `http://127.0.0.1:${await serve(t, noHttp)}/`,
      ONE_ATTEMPT_MS,
      { cause: 'unreachable', detail: /Parse Error/ },
    ],
  ] as const)
    t.match(await client(t, { url }, timeoutMs).post(), { kind: 'retry', failure });
});

t.test('connections are kept alive', async (t) => {
  const receiver = await startReceiver(t, { status: 200 });
  const otlp = client(t, { url: receiver.tracesUrl });
  for (let i = 0; i < 3; i++) await otlp.post();
  t.equal(new Set(receiver.requests.map(({ remotePort }) => remotePort)).size, 1);
});

t.test('a compressed body has content-encoding gzip', async (t) => {
  const receiver = await startReceiver(t, { status: 200 });
  const body = Buffer.concat(Array.from({ length: 100 }, () => Buffer.from([0x0a, 0x00])));
  await client(t, { url: receiver.tracesUrl, compression: 'gzip' }).post(body);
  t.match(receiver.requests, [{ headers: { 'content-encoding': 'gzip' }, body }]);
});

t.test('a certificate that is not trusted is a failure, until it is given as CA', async (t) => {
  const [cert, key] = [readFileSync(CERTIFICATE), readFileSync(KEY)];
  const tls = { cert, key, ca: cert, requestCert: true };
  const receiver = await startReceiver(t, { status: 200 }, { tls });
  const url = receiver.tracesUrl.replace('127.0.0.1', 'localhost');
  t.match(await client(t, { url }, ONE_ATTEMPT_MS).post(), {
    kind: 'retry',
    failure: { cause: 'unreachable', detail: /self-signed certificate/ },
  });
  const trusted = { ca: cert };
  t.match(
    await client(t, { url, tls: trusted }, ONE_ATTEMPT_MS).post(),
    { kind: 'retry' },
    'the backend asks for a certificate, too',
  );
  t.match(await client(t, { url, tls: { ...trusted, cert, key } }).post(), { kind: 'taken' });
});

/** Sets variables of this process until the end of the test. */
function setVariables(t: Test, variables: Readonly<Record<string, string>>): void {
  Object.assign(process.env, variables);
  t.teardown(() => {
    for (const name of Object.keys(variables)) delete process.env[name];
  });
}

t.test('a destination has its own options alone, whatever the variables say', async (t) => {
  const receiver = await startReceiver(t, { status: 200 });
  setVariables(t, {
    OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:1',
    OTEL_EXPORTER_OTLP_HEADERS: 'authorization=Bearer%20hunter2',
    OTEL_EXPORTER_OTLP_TRACES_HEADERS: 'x-of=traces',
    OTEL_EXPORTER_OTLP_COMPRESSION: 'gzip',
    OTEL_EXPORTER_OTLP_TIMEOUT: '1',
  });
  const { exporter, post } = client(t, { url: receiver.tracesUrl, headers: { 'x-honeycomb-team': 'k' } });
  t.match(await exporter.send(SPANS.encode(spansWithNames('one')) ?? new Uint8Array(), 1), { kind: 'taken' });
  t.match(await post(), { kind: 'taken' });
  t.equal(receiver.requests.length, 2);
  for (const { headers } of receiver.requests) {
    t.match(headers, { 'x-honeycomb-team': 'k' });
    for (const name of ['authorization', 'x-of', 'content-encoding']) t.notOk(name in headers, name);
  }
});

t.test('nothing of sending is traced', async (t) => {
  const manager = new AsyncLocalStorageContextManager().enable();
  context.setGlobalContextManager(manager);
  t.teardown(() => context.disable());
  const receiver = await startReceiver(t, { status: 200 });
  const seen: unknown[] = [];
  const onRequest = () => {
    seen.push([isTracingSuppressed(context.active()), trace.getActiveSpan()]);
  };
  subscribe('http.client.request.start', onRequest);
  t.teardown(() => unsubscribe('http.client.request.start', onRequest));
  const parent = trace.wrapSpanContext({ traceId: '1'.repeat(32), spanId: '1'.repeat(16), traceFlags: 1 });
  await context.with(trace.setSpan(context.active(), parent), () =>
    client(t, { url: receiver.tracesUrl }).post(),
  );
  t.same(seen, [[true, undefined]]);
  t.equal(receiver.requests[0]?.headers.traceparent, undefined);
});

t.test('closing ends requests under way, which are to be sent again', async (t) => {
  const receiver = await startReceiver(t, 'hang');
  const otlp = client(t, { url: receiver.tracesUrl }, 60_000);
  const result = otlp.post();
  await receiver.waitFor(() => receiver.requests.length === 1);
  otlp.exporter.close();
  t.match(await result, { kind: 'retry' });
});

t.test('a header that cannot be sent is a failure, not an exception', async (t) => {
  t.match(await client(t, { url: 'http://127.0.0.1:1/', headers: { key: 'a\nb' } }, ONE_ATTEMPT_MS).post(), {
    kind: 'retry',
    failure: { cause: 'unreachable', detail: /Invalid character in header/ },
  });
});

/** An official exporter that notes its constructions and exports. */
function noted<E extends typeof OTLPTraceExporter | typeof OTLPLogExporter>(Exporter: E, seen: string[]) {
  const Official: new (config: object) => { export(...args: unknown[]): void } = Exporter as never;
  return class extends Official {
    constructor(config: object) {
      super(config);
      seen.push(`new ${Exporter.name}`);
    }
    override export(...args: unknown[]): void {
      seen.push(`${Exporter.name} exports`);
      super.export(...args);
    }
  };
}

t.test(
  'the official exporters are constructed and send; headers of the variables go nowhere else',
  async (t) => {
    const variables = {
      OTEL_EXPORTER_OTLP_HEADERS: 'x-key=of-another-backend',
      OTEL_EXPORTER_OTLP_TRACES_HEADERS: 'x-key=of-another-backend,x-traces=1',
      OTEL_EXPORTER_OTLP_LOGS_HEADERS: 'x-key=of-another-backend,x-logs=1',
      OTEL_EXPORTER_OTLP_CERTIFICATE: '/nowhere.pem',
      OTEL_EXPORTER_OTLP_COMPRESSION: 'gzip',
    };
    setVariables(t, variables);
    const receiver = await startReceiver(t);
    const sent: IncomingHttpHeaders[] = [];
    receiver.answer = ({ headers }) => {
      sent.push(headers);
      return { status: 200 };
    };
    const seen: string[] = [];
    const signals: Signal[] = [
      { ...SPANS, Exporter: noted(OTLPTraceExporter, seen) },
      { ...LOG_RECORDS, Exporter: noted(OTLPLogExporter, seen) },
    ];
    const logRecords: ReadableLogRecord[] = [];
    const processor = {
      onEmit: (record: SdkLogRecord) => void logRecords.push(record),
      forceFlush: async () => {},
      shutdown: async () => {},
    };
    new LoggerProvider({ processors: [processor] }).getLogger('test').emit({ body: 'a line' });
    for (const signal of signals) {
      const url = signal.name === 'traces' ? receiver.tracesUrl : `${receiver.url}/v1/logs`;
      const exporter = new HttpExporter(
        { name: 'backend', url, headers: { 'x-own': 'yes' } },
        signal,
        PATIENT_MS,
      );
      t.teardown(() => exporter.close());
      const items = signal.name === 'traces' ? spansWithNames('a') : logRecords;
      t.match(
        await exporter.send(new ExportRequest(items, signal).encode(), 1),
        { kind: 'taken' },
        signal.name,
      );
    }
    t.same(seen, [
      'new OTLPTraceExporter',
      'OTLPTraceExporter exports',
      'new OTLPLogExporter',
      'OTLPLogExporter exports',
    ]);
    t.same(
      sent.map((headers) => [headers['x-own'], headers['x-key'], headers['content-encoding']]),
      [
        ['yes', undefined, undefined],
        ['yes', undefined, undefined],
      ],
    );
    t.match(process.env, variables, 'the variables are as before');
  },
);

t.test('each of two exports under way reads the rejected items of its own answer', async (t) => {
  const receiver = await startReceiver(t);
  // partial_success.rejected_spans is the number of spans that the body of the request has.
  receiver.answer = ({ body }) => ({ status: 200, body: Buffer.from([0x0a, 2, 0x08, body.length]) });
  // Both answers wait until both have begun.
  const answers: IncomingMessage[] = [];
  const hold = (message: unknown) => void answers.push(Object(message).response.pause());
  subscribe('http.client.response.finish', hold);
  t.teardown(() => unsubscribe('http.client.response.finish', hold));
  const { post } = client(t, { url: receiver.tracesUrl });
  const outcomes = Promise.all([post(Buffer.alloc(3)), post(Buffer.alloc(5))]);
  await until(() => answers.length === 2);
  for (const answer of answers) answer.resume();
  t.match(await outcomes, [
    { kind: 'taken', rejected: 3 },
    { kind: 'taken', rejected: 5 },
  ]);
});

t.test('the words of an answer are not those of the next one, which has none', async (t) => {
  const receiver = await startReceiver(t);
  const { post } = client(t, { url: receiver.tracesUrl });
  for (const [body, expected] of [
    [Buffer.from([0x0a, 2, 0x08, 3]), { kind: 'taken', rejected: 3, failure: { cause: 'partly-rejected' } }],
    ['<title>Sign in</title>', { kind: 'retry', failure: { cause: 'web-page', detail: 'HTML: Sign in' } }],
    [
      '{"partialSuccess":{"errorMessage":"old"}}',
      { kind: 'taken', warning: { cause: 'warned', detail: 'old' } },
    ],
    ['ok', { kind: 'taken', warning: { cause: 'unclear', detail: 'ok' } }],
  ] as const) {
    receiver.answer = () => ({ status: 200, body });
    t.match(await post(), expected);
    receiver.answer = () => ({ status: 204 });
    t.same(await post(), { kind: 'taken' });
  }
});
