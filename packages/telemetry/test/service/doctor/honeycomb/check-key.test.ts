import { readFileSync } from 'node:fs';
import type { ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { createServer } from 'node:net';
import { registerInstrumentations } from '@opentelemetry/instrumentation';
import { UndiciInstrumentation } from '@opentelemetry/instrumentation-undici';
import type { Test } from 'tap';
import t from 'tap';
import { freePort } from '../../../../../../scripts/lib/free-port.ts';
import { withSpan } from '../../../../src/common/with-span.ts';
import type { KeyCheckOptions } from '../../../../src/service/doctor/honeycomb/index.ts';
import {
  canSend,
  checkHoneycombKey,
  describeKeyCheck,
} from '../../../../src/service/doctor/honeycomb/index.ts';
import { createTestTelemetry } from '../../../../src/service/testing/test-telemetry.ts';
import { namesOf } from '../../../readable-spans.ts';
import { serve } from '../../../serve.ts';
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
    t.match(describeKeyCheck(check, true), 'docker compose up -d');
    t.notMatch(describeKeyCheck(check, false), 'docker');
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

const json = (status: number, body: unknown) => (response: ServerResponse) =>
  sendJson(response, status, body);
const NOT_HONEYCOMB = "not Honeycomb's API";

/** Answers that are no answer, and what the line says. */
const UNCHECKED: readonly (readonly [
  what: string,
  answer: (response: ServerResponse) => void,
  line: readonly (string | RegExp)[],
])[] = [
  ['403', json(403, { error: 'forbidden' }), [': 403', 'does not allow it']],
  ['404', json(404, { error: 'Dataset not found', detail: 'Dataset not found' }), [': 404', NOT_HONEYCOMB]],
  ['429', json(429, { detail: 'Please try again' }), [': 429', 'try again in a minute']],
  ['503', json(503, 'x'), [': 503', 'status.honeycomb.io']],
  ['301', json(301, {}), [': 301', 'redirects elsewhere']],
  ['another JSON', json(200, { hello: 'world' }), [': 200', NOT_HONEYCOMB]],
  ['null', json(200, null), [': 200', NOT_HONEYCOMB]],
  [
    'a web page',
    (response) => response.end('<!doctype html><title>Log in</title>'),
    [NOT_HONEYCOMB, /^(?!.*doctype)/],
  ],
  ['an endless answer', (response) => void response.write('x'.repeat(100_000)), [/longer than 65536 bytes/]],
  [
    'a connection that closes half-way',
    (response) => void response.destroy(),
    ['socket hang up', 'check HONEYCOMB_API_ENDPOINT and the network'],
  ],
];

for (const [what, answer, expected] of UNCHECKED)
  t.test(`${what} leaves the key unchecked`, async (t) => {
    const { check, line } = await checkAgainst(t, answer);
    t.match(check, { kind: 'unchecked' });
    for (const part of expected) t.match(line, part);
  });

t.test('an answer, or a body, that never comes ends the check', async (t) => {
  for (const answer of [() => {}, (response: ServerResponse) => void response.write('{')]) {
    const { check, line } = await checkAgainst(t, answer, { timeoutMs: 50 });
    t.match(check, { kind: 'unchecked', detail: /timeout/ });
    t.match(line, ': none (');
  }
});

t.test('an endpoint that cannot be asked leaves the key unchecked, and the line says why', async (t) => {
  const pem = (name: string) =>
    readFileSync(new URL(`../../../fixtures/self-signed.${name}.pem`, import.meta.url));
  const ssh = createServer((socket) => void socket.resume().end('SSH-2.0-OpenSSH_9.9\r\n'));
  const plain = await fakeHoneycomb();
  t.teardown(() => plain.close());
  const tls = createTlsServer({ cert: pem('cert'), key: pem('key') });
  for (const [endpoint, ...why] of [
    [`http://127.0.0.1:${await serve(t, ssh)}`, /HTTP/],
    [`http://127.0.0.1:${await freePort()}`, /ECONNREFUSED/],
    ['http://no..name', /getaddrinfo/], // the resolver refuses an empty label, without the network
    [plain.url.replace('http:', 'https:'), /SSL|wrong version|packet length/],
    [`https://localhost:${await serve(t, tls)}`, /self-signed certificate/, /NODE_EXTRA_CA_CERTS/],
  ] as const) {
    const check = await checkHoneycombKey({ apiKey: INGEST_KEY, endpoint });
    t.match(check, { kind: 'unchecked' });
    for (const part of why) t.match(describeKeyCheck(check), part);
  }
});

t.test('a wrong HONEYCOMB_API_ENDPOINT is named, and nothing is asked', async (t) => {
  const check = await checkHoneycombKey({ apiKey: INGEST_KEY, endpoint: 'api.honeycomb.io:443' });
  t.match(check, { kind: 'bad-endpoint' });
  t.match(describeKeyCheck(check), /^Honeycomb: not asked\. HONEYCOMB_API_ENDPOINT must be the base URL/);
});

t.test('the check is not traced, even from inside a span', async (t) => {
  const telemetry = createTestTelemetry();
  const unregister = registerInstrumentations({ instrumentations: [new UndiciInstrumentation()] });
  t.teardown(() => {
    unregister();
    return telemetry.shutdown();
  });
  const { requests } = await withSpan('start-up', {}, async () => {
    const result = await checkAgainst(t, undefined);
    await fetch(result.url, { headers: { 'x-honeycomb-team': 'k' } });
    return result;
  });
  const [asked, traced] = requests;
  t.match(traced?.headers, { traceparent: String }, 'other requests are traced here');
  t.notMatch(asked?.headers, { traceparent: String });
  t.strictSame(namesOf(telemetry.spans()), ['GET', 'start-up']);
});
