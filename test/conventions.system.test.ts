import { connect } from 'node:net';
import { startOtlpReceiver } from '@tandem/otlp/testing';
import { assertNoOrphans } from '@tandem/telemetry/testing';
import t from 'tap';
import { readableSpans } from '../packages/telemetry/test/readable-spans.ts';
import { assertConventions } from './helpers/conventions/assert-conventions.ts';
import { testDatabases } from './helpers/databases.ts';
import { startPair } from './helpers/pair.ts';

const receiver = await startOtlpReceiver();
t.teardown(() => receiver.close());

for (const database of await testDatabases()) {
  t.test(`every span that the pair makes on ${database.name} keeps to the conventions`, async (t) => {
    receiver.reset();
    t.teardown(() => database.drop());
    const pair = await startPair({
      otlpUrl: receiver.url,
      databaseUrl: database.url,
      env: { FAULT_INJECTION: 'true' },
    });
    let stopped = false;
    t.teardown(async () => {
      if (!stopped) await pair.stop();
    });

    /** Sends a request and checks that it is answered as meant: a wrong one would prove nothing. */
    const ask = async (status: number, path: string, init: RequestInit = {}) => {
      const response = await fetch(path.startsWith('http') ? path : `${pair.api}${path}`, init);
      const body = await response.text();
      t.equal(response.status, status, `${init.method ?? 'GET'} ${path}`);
      return body;
    };
    const post = (status: number, path: string, fields: object, headers: Record<string, string> = {}) =>
      ask(status, path, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...headers },
        body: JSON.stringify({ handle: 'andrewbrown', message: 'hello', ttl: '1-day', ...fields }),
      });
    const withFault = (fault: string) => ({ headers: { 'tandem.fault': fault } });

    await ask(200, '/api/activities/home?limit=5');
    await ask(200, '/api/activities/@andrewbrown');
    await ask(200, '/api/activities/search?term=a');
    await ask(200, '/api/activities/notifications?handle=andrewbrown');
    const { uuid } = JSON.parse(await post(201, '/api/activities', {}));
    await post(201, `/api/activities/${uuid}/reply`, {});
    await ask(200, `/api/activities/${uuid}`);
    await ask(200, '/api/activities/home', { method: 'HEAD' });
    await ask(204, '/api/activities/home', {
      method: 'OPTIONS',
      headers: { origin: 'http://localhost:3000', 'access-control-request-method': 'GET' },
    });
    await ask(200, `${pair.userLookupUrl}/api/users/andrewbrown`);
    await ask(200, `${pair.userLookupUrl}/api/users/search?q=a`);
    await ask(404, `${pair.userLookupUrl}/api/users/nobody_has_this`);
    // Answers 4xx, by routes, the router and the services themselves.
    await ask(404, '/api/nothing?sig=secret');
    await ask(404, '/nothing');
    await ask(404, '/api/activities/00000000-0000-4000-8000-000000000000');
    await post(422, '/api/activities', { handle: 'nobody_has_this' });
    await post(400, '/api/activities', { ttl: 'forever' });
    await ask(404, '/api/activities/home', { method: 'DELETE' });
    await ask(400, '/api/%E0%A4%A');
    await sendRaw(pair.api, 'BREW /api/coffee HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n');
    await sendRaw(pair.api, 'GET /api/activities/home HTTP/1.0\r\n\r\n');
    // Failures on the way.
    await ask(200, '/api/activities/home', withFault('user-lookup:error=503'));
    await ask(200, '/api/activities/home', withFault('user-lookup:abort'));
    await ask(200, '/api/activities/home', withFault('activities-api:n-plus-one'));
    await ask(200, '/api/activities/home', withFault('database:delay=20'));
    const abort = AbortSignal.timeout(150);
    await t.rejects(
      fetch(`${pair.api}/api/activities/home`, { signal: abort, ...withFault('user-lookup:delay=900') }),
    );
    await pair.userLookup.stop();
    await ask(200, '/api/activities/home');
    await post(503, '/api/activities', {});
    stopped = true;
    await pair.stop(); // flushes

    const spans = readableSpans(receiver.spans());
    const statuses = new Set(spans.map(({ attributes }) => attributes['http.response.status_code']));
    for (const status of [200, 201, 400, 404, 422, 503]) t.ok(statuses.has(status), `a span with ${status}`);
    t.ok(
      spans.some(({ name }) => name === 'INSERT activities'),
      'spans of statements',
    );
    t.ok(
      spans.some(({ status }) => status.code === 2),
      'spans of failures',
    );
    t.doesNotThrow(() => assertConventions(spans));
    t.doesNotThrow(() => assertNoOrphans(spans, { allowRemote: false }));
  });
}

/** Sends bytes as they are, and waits until the server closes the connection. */
async function sendRaw(url: string, bytes: string): Promise<void> {
  const socket = connect(Number(new URL(url).port), '127.0.0.1');
  const closed = new Promise((resolve) => socket.once('close', resolve));
  socket.resume().write(bytes);
  await closed;
}
