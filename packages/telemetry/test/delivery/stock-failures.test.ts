import { readFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import type { Test } from 'tap';
import t from 'tap';
import { createStockDelivery } from '../../src/delivery/stock-delivery.ts';
import { createFailureReporter } from '../../src/report/failure-report.ts';
import { fakeHoneycomb, INGEST_KEY, sendJson } from '../honeycomb/fake-honeycomb.ts';
import { tracerOf } from './harness.ts';

/** Less than that exporter waits before it tries again, so that it gives up at once what may pass. */
const WITHOUT_RETRY_MS = 750;

/** OpenTelemetry's own exporter, posting to `url`, with what it makes the reporter log. */
function setUp(t: Test, url: string, timeoutMs = 10_000) {
  const lines: string[] = [];
  const log = {
    warn: (line: string) => void lines.push(line),
    info: (line: string) => void lines.push(line),
  };
  const headers = { 'x-honeycomb-team': INGEST_KEY };
  const silent = () => {};
  const delivery = createStockDelivery({
    serviceName: 'test-service',
    destinations: [{ name: 'stock', url, headers, timeoutMs, compression: 'none', tls: undefined }],
    batch: { maxQueueSize: 2048, maxExportBatchSize: 512, scheduleDelayMs: 60_000, exportTimeoutMs: 30_000 },
    reporter: createFailureReporter({ log, secrets: [INGEST_KEY] }),
    log: { debug: silent, info: silent, warn: silent, error: silent },
  });
  const tracer = tracerOf(delivery);
  t.teardown(() => delivery.shutdown(1_000));
  return {
    lines,
    /** Sends three spans; returns how many arrived of all that were sent so far. */
    async send() {
      for (let i = 0; i < 3; i++) tracer.startSpan(`span ${i}`).end();
      await delivery.flush();
      return delivery.counters().destinations[0]?.exported;
    },
  };
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
  [
    429,
    { detail: 'Please try again' },
    { 'retry-after': '30' },
    /still 429, 502, 503 or 504 after every retry/,
  ],
  [429, {}, {}, /still 429, 502, 503 or 504 after every retry/],
  [500, { error: 'internal' }, {}, /500, the backend has a problem/],
  [503, {}, { 'retry-after': '120' }, /still 429, 502, 503 or 504 after every retry/],
] as const;

for (const [status, body, headers, expected] of answers) {
  t.test(`${status} ${JSON.stringify(body)} makes one readable line`, async (t) => {
    const url = await serve(t, (_, response) => {
      for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
      sendJson(response, status, body);
    });
    const { send, lines } = setUp(t, url, status === 429 ? WITHOUT_RETRY_MS : undefined);
    t.equal(await send(), 0, 'nothing arrived');
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
  t.equal(await send(), 3);
  await send();
  t.match(lines, [/500/, /again, after \d+ s\. 3 spans lost in between/]);
  t.equal(lines.length, 2);
});

t.test('nothing listening', async (t) => {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  const { send, lines } = setUp(t, `http://localhost:${port}/v1/traces`, WITHOUT_RETRY_MS);
  await send();
  t.match(lines, [`nothing listens on localhost:${port}`]);
});

t.test('an answer that never comes', async (t) => {
  const { send, lines } = setUp(t, await serve(t, () => {}), 50);
  await send();
  t.match(lines, [/no answer in time/]);
});

t.test('a connection that is closed without an answer', async (t) => {
  const { send, lines } = setUp(t, await serve(t, (_, response) => response.destroy()), WITHOUT_RETRY_MS);
  await send();
  t.match(lines, [/closed before an answer came/]);
});

t.test('a name that does not exist', async (t) => {
  // An empty label is refused by the resolver itself, without asking the network.
  const { send, lines } = setUp(t, 'http://no..name/v1/traces', WITHOUT_RETRY_MS);
  await send();
  t.match(lines, [/the name no\.\.name cannot be resolved/]);
});

t.test('a certificate that is not trusted, and TLS asked of plain HTTP', async (t) => {
  const pem = (name: string) =>
    readFileSync(new URL(`../failures/fixtures/${name}.pem`, import.meta.url), 'utf8');
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
