import { readFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import type { ExportResult } from '@opentelemetry/core';
import { ExportResultCode } from '@opentelemetry/core';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto';
import type { ReadableSpan } from '@opentelemetry/sdk-trace-base';
import {
  BasicTracerProvider,
  InMemorySpanExporter,
  SimpleSpanProcessor,
} from '@opentelemetry/sdk-trace-base';
import type { Test } from 'tap';
import t from 'tap';
import { createFailureReporter, reportingExporter } from '../../src/export/index.ts';
import { fakeHoneycomb, INGEST_KEY, sendJson } from '../honeycomb/fake-honeycomb.ts';

/** The real OTLP exporter, posting to `url`, with what it makes the reporter log. */
function setUp(t: Test, url: string, timeoutMillis = 400) {
  const lines: string[] = [];
  const log = {
    warn: (line: string) => void lines.push(line),
    info: (line: string) => void lines.push(line),
  };
  const headers = { 'x-honeycomb-team': INGEST_KEY };
  const exporter = reportingExporter(
    new OTLPTraceExporter({ url, headers, timeoutMillis }),
    url,
    createFailureReporter({ log, secrets: [INGEST_KEY] }),
  );
  t.teardown(() => exporter.shutdown());
  return {
    lines,
    send: () => new Promise<ExportResult>((resolve) => exporter.export(makeSpans(3), resolve)),
  };
}

function makeSpans(count: number): ReadableSpan[] {
  const memory = new InMemorySpanExporter();
  const tracer = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(memory)] }).getTracer(
    'test',
  );
  for (let i = 0; i < count; i++) tracer.startSpan(`span ${i}`).end();
  return memory.getFinishedSpans();
}

async function serve(t: Test, answer: (request: IncomingMessage, response: ServerResponse) => void) {
  const honeycomb = await fakeHoneycomb(answer);
  t.teardown(() => honeycomb.close());
  return `${honeycomb.url}/v1/traces`;
}

/** As Honeycomb documents its errors, and a gateway those of its own. */
const answers = [
  [
    401,
    { error: 'unknown API key - check your credentials' },
    {},
    /401, .* \("unknown API key - check your credentials"\)/,
  ],
  [401, { message: "missing 'x-honeycomb-dataset' header" }, {}, /Set HONEYCOMB_DATASET/],
  [403, { error: 'no permission to send events' }, {}, /403, .*no permission to send events/],
  [404, { error: 'not found' }, {}, /404, nothing receives OTLP/],
  [413, { error: 'request body too large' }, {}, /413, .*larger than the backend takes/],
  [429, { detail: 'Please try again' }, { 'retry-after': '30' }, /429, .*asks to wait 30 s/],
  [429, {}, {}, /429, too many spans/],
  [500, { error: 'internal' }, {}, /500, the backend has a problem/],
  [503, {}, { 'retry-after': '120' }, /503, .*asks to wait 120 s/],
] as const;

for (const [status, body, headers, expected] of answers) {
  t.test(`${status} ${JSON.stringify(body)} makes one readable line`, async (t) => {
    const url = await serve(t, (_, response) => {
      for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
      sendJson(response, status, body);
    });
    const { send, lines } = setUp(t, url);
    t.equal((await send()).code, ExportResultCode.FAILED, 'the result is passed on');
    t.equal(lines.length, 1);
    t.match(lines[0], expected);
    t.match(lines[0], `Spans could not be sent to ${url}: `);
    t.match(lines[0], / 3 spans lost so far\.$/);
    await send();
    t.equal(lines.length, 1, 'the second failure is only counted');
  });
}

t.test('a key that the backend echoes is not logged', async (t) => {
  const url = await serve(t, (request, response) =>
    sendJson(response, 401, { error: `unknown ${request.headers['x-honeycomb-team']}` }),
  );
  const { send, lines } = setUp(t, url);
  await send();
  t.match(lines, [/"unknown REDACTED"/]);
});

t.test('when it works again that is said, and only then', async (t) => {
  let status = 500;
  const url = await serve(t, (_, response) => {
    response.statusCode = status;
    response.end();
  });
  const { send, lines } = setUp(t, url);
  await send();
  status = 200;
  t.equal((await send()).code, ExportResultCode.SUCCESS);
  await send();
  t.match(lines, [/500/, /again, after \d+ s\. 3 spans lost in between/]);
  t.equal(lines.length, 2);
});

t.test('two destinations on one host do not take over each other’s answers', async (t) => {
  let finishFirst: (() => void) | undefined;
  const url = await serve(t, (request, response) => {
    const isFirst = request.url === '/v1/traces';
    response.writeHead(isFirst ? 429 : 503, { 'retry-after': isFirst ? '11' : '22' });
    if (!isFirst) response.end();
    else finishFirst = () => void response.end();
    response.flushHeaders();
  });
  const first = setUp(t, url);
  const second = setUp(t, `${url}/other`);
  const firstSent = first.send();
  while (finishFirst === undefined) await new Promise(setImmediate);
  await second.send();
  finishFirst();
  await firstSent;
  t.match(first.lines, [/429.*11 s/]);
  t.match(second.lines, [/503.*22 s/]);
});

t.test('nothing listening', async (t) => {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  const { send, lines } = setUp(t, `http://localhost:${port}/v1/traces`);
  await send();
  t.match(lines, [`nothing listens on localhost:${port}`]);
});

t.test('an answer that never comes', async (t) => {
  const { send, lines } = setUp(t, await serve(t, () => {}), 50);
  await send();
  t.match(lines, [/no answer in time/]);
});

t.test('a connection that is closed without an answer', async (t) => {
  const { send, lines } = setUp(t, await serve(t, (_, response) => response.destroy()));
  await send();
  t.match(lines, [/closed before an answer came/]);
});

t.test('a name that does not exist', async (t) => {
  // An empty label is refused by the resolver itself, without asking the network.
  const { send, lines } = setUp(t, 'http://no..name/v1/traces');
  await send();
  t.match(lines, [/the name no\.\.name cannot be resolved/]);
});

t.test('a certificate that is not trusted, and TLS asked of plain HTTP', async (t) => {
  const pem = (name: string) => readFileSync(new URL(`fixtures/${name}.pem`, import.meta.url), 'utf8');
  const server = createTlsServer({ cert: pem('self-signed.cert'), key: pem('self-signed.key') });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.teardown(() => server.close());
  const untrusted = setUp(t, `https://localhost:${(server.address() as AddressInfo).port}/v1/traces`);
  await untrusted.send();
  t.match(untrusted.lines, [/certificate is not trusted \(self-signed/]);

  const plain = setUp(t, (await serve(t, () => {})).replace('http:', 'https:'));
  await plain.send();
  t.match(plain.lines, [/TLS could not be agreed on/]);
});

t.test('a gRPC receiver, which answers in another protocol', async (t) => {
  const server = createServer((socket) => {
    socket.on('error', () => {});
    // An HTTP/2 SETTINGS frame, the first thing a gRPC server sends.
    socket.resume().end(Buffer.from([0, 0, 0, 4, 0, 0, 0, 0, 0]));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.teardown(() => server.close());
  const { send, lines } = setUp(t, `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1/traces`);
  await send();
  t.match(lines, [/the answer is not HTTP\/1\.1/]);
});
