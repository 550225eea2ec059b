import { readFileSync } from 'node:fs';
import type { ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { context, propagation, trace } from '@opentelemetry/api';
import { registerInstrumentations } from '@opentelemetry/instrumentation';
import { UndiciInstrumentation } from '@opentelemetry/instrumentation-undici';
import { InMemorySpanExporter, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-base';
import { NodeTracerProvider } from '@opentelemetry/sdk-trace-node';
import type { Test } from 'tap';
import t from 'tap';
import type { KeyCheckOptions } from '../../src/honeycomb/index.ts';
import { canSend, checkHoneycombKey, describeKeyCheck } from '../../src/honeycomb/index.ts';
import {
  AUTH_ANSWER,
  CLASSIC_INGEST_KEY,
  CLASSIC_KEY,
  CONFIGURATION_KEY,
  fakeHoneycomb,
  INGEST_KEY,
  sendJson,
} from './fake-honeycomb.ts';

/** Checks a key at a server with this answer. Returns the result and its line. */
async function checkAgainst(
  t: Test,
  answer: ((response: ServerResponse) => void) | undefined,
  options: Partial<KeyCheckOptions> = {},
) {
  const honeycomb = await fakeHoneycomb(answer && ((_, response) => answer(response)));
  t.teardown(() => honeycomb.close());
  const check = await checkHoneycombKey({ apiKey: INGEST_KEY, endpoint: honeycomb.url, ...options });
  const line = describeKeyCheck(check);
  for (const key of [INGEST_KEY, CONFIGURATION_KEY, CLASSIC_KEY, CLASSIC_INGEST_KEY]) {
    t.notMatch(line, key, 'the line never has the key');
  }
  t.notMatch(line, '\n');
  return { check, line, requests: honeycomb.requests, url: honeycomb.url };
}

t.test('no key is asked for nowhere', async (t) => {
  for (const apiKey of [undefined, '', '  ']) {
    const { check, line, requests } = await checkAgainst(t, undefined, { apiKey });
    t.strictSame(check, { kind: 'no-key' });
    t.match(line, 'no key');
    t.match(line, 'HONEYCOMB_API_KEY=');
    t.match(line, 'docker compose up -d');
    t.strictSame(requests, []);
  }
});

t.test('a malformed key is never sent', async (t) => {
  const { check, line, requests } = await checkAgainst(t, undefined, { apiKey: `"${INGEST_KEY}"` });
  t.strictSame(check, { kind: 'malformed', reason: 'surrounded', length: 66 });
  t.match(
    line,
    /^Honeycomb: key malformed\. HONEYCOMB_API_KEY has quotes, white space or an invisible character around the key: remove them \(66 characters\)/,
  );
  t.strictSame(requests, []);
});

t.test('an accepted key: team, environment and ingest permission', async (t) => {
  const { check, line, requests, url } = await checkAgainst(t, undefined);
  t.match(check, { kind: 'accepted', team: 'honeycomb-docs', environment: 'production', mayIngest: true });
  t.ok(canSend(check));
  t.equal(
    line,
    `Honeycomb: key accepted by the endpoint ${url}: team honeycomb-docs, environment production; may send events.`,
  );
  t.match(requests, [{ url: '/1/auth', headers: { 'x-honeycomb-team': INGEST_KEY } }]);
});

t.test('a key without the permission to send is accepted, but cannot be used', async (t) => {
  const { check, line } = await checkAgainst(t, (response) =>
    sendJson(response, 200, { ...AUTH_ANSWER, type: 'configuration', api_key_access: { events: false } }),
  );
  t.match(check, { kind: 'accepted', mayIngest: false });
  t.notOk(canSend(check));
  t.match(line, /may NOT send events: make an ingest key/);
});

t.test('limits of an accepted key are named: no new datasets, an end, an ignored dataset', async (t) => {
  const { line } = await checkAgainst(
    t,
    (response) =>
      sendJson(response, 200, {
        ...AUTH_ANSWER,
        api_key_access: { events: true, createDatasets: false },
        time_to_live: '2027-11-19T18:01:02+00:00',
      }),
    { dataset: 'pair' },
  );
  t.match(line, 'may not create datasets');
  t.match(line, 'stops working at 2027-11-19T18:01:02+00:00');
  t.match(line, 'HONEYCOMB_DATASET is set but only classic keys use it');
});

t.test('a classic key needs its dataset', async (t) => {
  const classic = (response: ServerResponse) =>
    sendJson(response, 200, { ...AUTH_ANSWER, environment: { name: '', slug: '' } });
  for (const apiKey of [CLASSIC_KEY, CLASSIC_INGEST_KEY]) {
    const without = await checkAgainst(t, classic, { apiKey, dataset: ' ' });
    t.match(without.check, { kind: 'dataset-missing' });
    t.match(without.line, 'needs HONEYCOMB_DATASET=');
    const withDataset = await checkAgainst(t, classic, { apiKey, dataset: 'pair' });
    t.match(withDataset.line, 'team honeycomb-docs, classic; may send events.');
    t.notMatch(withDataset.check, { environment: String });
  }
});

t.test('a refused key: which endpoint was asked, and the other one to try', async (t) => {
  const { check, line, url } = await checkAgainst(t, undefined, { apiKey: CONFIGURATION_KEY });
  t.match(check, { kind: 'refused', endpoint: { url, region: 'other' }, form: 'environment-configuration' });
  t.notOk(canSend(check));
  t.match(line, `key refused (401) by the endpoint ${url} ("unknown API key - check your credentials")`);

  const refused = { kind: 'refused', form: 'classic', length: 32 } as const;
  const us = { url: 'https://api.honeycomb.io', region: 'US' } as const;
  const eu = { url: 'https://api.eu1.honeycomb.io', region: 'EU' } as const;
  t.match(
    describeKeyCheck({ ...refused, endpoint: us }),
    /by the US endpoint https:\/\/api\.honeycomb\.io\. If your team is in the EU, set HONEYCOMB_API_ENDPOINT=https:\/\/api\.eu1/,
  );
  t.match(
    describeKeyCheck({ ...refused, endpoint: eu }),
    /by the EU endpoint https:\/\/api\.eu1\.honeycomb\.io\. If your team is in the US, set HONEYCOMB_API_ENDPOINT=https:\/\/api\.honeycomb/,
  );
});

t.test('a refused key of an unknown form: the documented forms are named', async (t) => {
  const { line } = await checkAgainst(t, undefined, { apiKey: 'A'.repeat(40) });
  t.match(line, /Its form is none that Honeycomb documents \(40 characters\)\. Expected:/);
});

t.test('a server that echoes the key does not get it into the line', async (t) => {
  const { line } = await checkAgainst(t, (response) =>
    sendJson(response, 401, { error: `bad key ${INGEST_KEY}\nand ${CLASSIC_KEY}` }),
  );
  t.match(line, '("bad key REDACTED and REDACTED")');
});

const unexpected = [
  [403, { error: 'forbidden' }, 'may not be used'],
  [404, { error: 'Dataset not found', detail: 'Dataset not found' }, "not Honeycomb's API"],
  [429, { detail: 'Please try again' }, 'try again in a minute'],
  [503, 'x', 'status.honeycomb.io'],
  [301, {}, 'redirects elsewhere'],
  [200, { hello: 'world' }, "not Honeycomb's API"],
  [200, null, "not Honeycomb's API"],
] as const;

for (const [status, body, advice] of unexpected) {
  t.test(`${status} with ${JSON.stringify(body)} leaves the key unchecked`, async (t) => {
    const { check, line } = await checkAgainst(t, (response) => sendJson(response, status, body));
    t.match(check, { kind: 'unchecked', status });
    t.match(line, `: ${status}`);
    t.match(line, advice);
  });
}

t.test('a web page is not taken for an answer, nor shown', async (t) => {
  const { line } = await checkAgainst(t, (response) => response.end('<!doctype html><title>Log in</title>'));
  t.match(line, "not Honeycomb's API");
  t.notMatch(line, 'doctype');
});

t.test('an endless answer is cut off', async (t) => {
  const { check } = await checkAgainst(t, (response) => {
    response.write('x'.repeat(100_000));
  });
  t.match(check, { kind: 'unchecked', detail: /longer than 65536 bytes/ });
});

t.test('a connection that closes half-way is told apart', async (t) => {
  const { check, line } = await checkAgainst(t, (response) => response.destroy());
  t.match(check, { kind: 'unchecked', detail: 'socket hang up' });
  t.match(line, 'check HONEYCOMB_API_ENDPOINT and the network');
});

t.test('an answer that never comes ends the check', async (t) => {
  const { check, line } = await checkAgainst(t, () => {}, { timeoutMs: 50 });
  t.match(check, { kind: 'unchecked', detail: /timeout/ });
  t.match(line, ': none (');
});

t.test('a body that never ends ends the check', async (t) => {
  const { check } = await checkAgainst(t, (response) => void response.write('{'), { timeoutMs: 50 });
  t.match(check, { kind: 'unchecked', detail: /timeout/ });
});

t.test('nothing listening, no such name, no HTTP', async (t) => {
  const server = createServer((socket) => void socket.resume().end('SSH-2.0-OpenSSH_9.9\r\n'));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  t.match(await checkHoneycombKey({ apiKey: INGEST_KEY, endpoint }), {
    kind: 'unchecked',
    detail: /HTTP/,
  });
  await new Promise((resolve) => server.close(resolve));
  t.match(await checkHoneycombKey({ apiKey: INGEST_KEY, endpoint }), {
    kind: 'unchecked',
    detail: /ECONNREFUSED/,
  });
  // The resolver itself refuses an empty label, without the network.
  t.match(await checkHoneycombKey({ apiKey: INGEST_KEY, endpoint: 'http://no..name' }), {
    kind: 'unchecked',
    detail: /getaddrinfo/,
  });
});

t.test('an untrusted certificate is named, with the variable that mends it', async (t) => {
  const cert = readFileSync(new URL('../failures/fixtures/self-signed.cert.pem', import.meta.url), 'utf8');
  const key = readFileSync(new URL('../failures/fixtures/self-signed.key.pem', import.meta.url), 'utf8');
  const server = createTlsServer({ cert, key }, (_, response) => sendJson(response, 200, AUTH_ANSWER));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.teardown(() => server.close());
  const { port } = server.address() as AddressInfo;
  const untrusted = await checkHoneycombKey({ apiKey: INGEST_KEY, endpoint: `https://localhost:${port}` });
  t.match(untrusted, { kind: 'unchecked', detail: 'self-signed certificate' });
  t.match(describeKeyCheck(untrusted), 'NODE_EXTRA_CA_CERTS');
});

t.test('https asked of a server that speaks plain HTTP', async (t) => {
  const honeycomb = await fakeHoneycomb();
  t.teardown(() => honeycomb.close());
  const check = await checkHoneycombKey({
    apiKey: INGEST_KEY,
    endpoint: honeycomb.url.replace('http:', 'https:'),
  });
  t.match(check, { kind: 'unchecked', detail: /SSL|wrong version|packet length/ });
});

t.test('a wrong HONEYCOMB_API_ENDPOINT is named, and nothing is asked', async (t) => {
  const check = await checkHoneycombKey({ apiKey: INGEST_KEY, endpoint: 'api.honeycomb.io:443' });
  t.match(check, { kind: 'bad-endpoint' });
  t.match(describeKeyCheck(check), /^Honeycomb: not asked\. HONEYCOMB_API_ENDPOINT must be the base URL/);
});

t.test('the check is not traced, even from inside a span', async (t) => {
  const spans = new InMemorySpanExporter();
  const provider = new NodeTracerProvider({ spanProcessors: [new SimpleSpanProcessor(spans)] });
  provider.register();
  const unregister = registerInstrumentations({ instrumentations: [new UndiciInstrumentation()] });
  t.teardown(async () => {
    unregister();
    await provider.shutdown();
    trace.disable();
    context.disable();
    propagation.disable();
  });
  const { requests } = await trace.getTracer('test').startActiveSpan('start-up', async (span) => {
    const result = await checkAgainst(t, undefined);
    await fetch(result.url, { headers: { 'x-honeycomb-team': 'k' } });
    span.end();
    return result;
  });
  const [asked, traced] = requests;
  t.match(traced?.headers, { traceparent: String }, 'other requests are traced here');
  t.notMatch(asked?.headers, { traceparent: String });
  t.strictSame(
    spans.getFinishedSpans().map(({ name }) => name),
    ['GET', 'start-up'],
  );
});
