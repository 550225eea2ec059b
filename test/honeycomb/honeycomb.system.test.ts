import { startOtlpReceiver } from '@tandem/otlp/testing';
import t from 'tap';
import {
  AUTH_ANSWER,
  fakeHoneycomb,
  INGEST_KEY,
  sendJson,
} from '../../packages/telemetry/test/service/doctor/honeycomb/fake-honeycomb.ts';
import { IS_NIGHT } from '../helpers/nightly.ts';
import { startPair } from '../helpers/pair.ts';
import { untilOutput } from '../helpers/processes.ts';

// At night too: with keys that do not work.

const receiver = await startOtlpReceiver();
t.teardown(() => receiver.close());

t.test(
  'one key for both services: each says at start that it is accepted, and spans go to both places',
  async (t) => {
    const honeycomb = await fakeHoneycomb((request, response) => {
      if (request.url === '/1/auth') return sendJson(response, 200, AUTH_ANSWER);
      response.writeHead(200, { 'content-type': 'application/x-protobuf' }).end();
    });
    t.teardown(() => honeycomb.close());
    const env = { HONEYCOMB_API_KEY: INGEST_KEY, HONEYCOMB_API_ENDPOINT: honeycomb.url };
    const pair = await startPair({ otlpUrl: receiver.url, env });
    t.teardown(() => pair.stop());
    for (const process of [pair.activities, pair.userLookup])
      await untilOutput(process, /key accepted by .* team honeycomb-docs, environment production/);
    const metrics = await Promise.all(
      [pair.api, pair.userLookupUrl].map(async (url) => (await fetch(`${url}/metrics`)).text()),
    );
    for (const text of metrics) {
      t.match(
        text,
        '\ntandem_honeycomb_info{team="honeycomb-docs",environment="production",region="other"} 1\n',
      );
      t.notMatch(text, INGEST_KEY);
    }
    await fetch(`${pair.api}/api/activities/home`);
    await receiver.waitFor(() => new Set(receiver.spans().map((span) => span.service)).size === 2);
    await pair.stop();
    const exports = honeycomb.requests.filter(({ url }) => url === '/v1/traces');
    t.ok(exports.length >= 2, 'both services exported');
    t.ok(exports.every(({ headers }) => headers['x-honeycomb-team'] === INGEST_KEY));
    t.notMatch(pair.activities.output() + pair.userLookup.output(), INGEST_KEY);
  },
);

if (IS_NIGHT)
  t.test(
    'a refused key: one line at start, and one for the failed exports with the number of spans lost',
    async (t) => {
      const honeycomb = await fakeHoneycomb((_request, response) =>
        sendJson(response, 401, { error: 'unknown API key - check your credentials' }),
      );
      t.teardown(() => honeycomb.close());
      const pair = await startPair({
        otlpUrl: receiver.url,
        env: { HONEYCOMB_API_KEY: INGEST_KEY, HONEYCOMB_API_ENDPOINT: honeycomb.url },
      });
      t.teardown(() => pair.stop());
      await untilOutput(pair.activities, /key refused \(401\) by the endpoint/);
      for (let i = 0; i < 3; i++) {
        await fetch(`${pair.api}/api/activities/home`);
        await new Promise((resolve) => setTimeout(resolve, 300));
      }
      await untilOutput(pair.activities, /spans? lost/);
      const lines = pair.activities
        .output()
        .split('\n')
        .filter((line) => /spans? lost/.test(line));
      t.equal(lines.length, 1, 'not repeated within a minute');
      t.match(lines[0], `${honeycomb.url}/v1/traces`);
      const metrics = await (await fetch(`${pair.api}/metrics`)).text();
      t.notMatch(metrics, /tandem_honeycomb_info|hcaik_/);
      t.notMatch(pair.activities.output() + pair.userLookup.output(), INGEST_KEY);
    },
  );

if (IS_NIGHT)
  t.test('a placeholder instead of a key: one line says so, and the service runs', async (t) => {
    const pair = await startPair({ otlpUrl: receiver.url, env: { HONEYCOMB_API_KEY: 'your-api-key' } });
    t.teardown(() => pair.stop());
    await untilOutput(
      pair.activities,
      /Honeycomb: key malformed\. HONEYCOMB_API_KEY .*Expected: an ingest key/,
    );
    t.equal((await fetch(`${pair.api}/api/activities/home`)).status, 200);
  });
