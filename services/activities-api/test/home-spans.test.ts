import { withSpan } from '@tandem/telemetry';
import { assertTrace, createTestTelemetry } from '@tandem/telemetry/testing';
import t from 'tap';
import { createUserLookupClient } from '../src/user-lookup/client.ts';
import { buildTestApp, fakeDirectory, NOW } from './build-test-app.ts';

// Alone in its process: telemetry is registered for all tests.
const telemetry = createTestTelemetry();
t.teardown(() => telemetry.shutdown());
t.beforeEach(() => telemetry.reset());

t.test('a home request makes the spans of the guide, nested around its work', async (t) => {
  const directory = fakeDirectory();
  const users = {
    ...directory,
    find: (...asked: Parameters<typeof directory.find>) =>
      withSpan('look-up', {}, () => directory.find(...asked)),
  };
  const app = await buildTestApp({ users });
  t.teardown(() => app.close());
  const response = await app.inject('/api/activities/home');
  t.match(response.headers.traceresponse, /^00-[0-9a-f]{32}-/);
  await telemetry.flush();
  const tree = `
    GET /api/activities/home  SERVER
      home-activities-data
        SELECT activities
        look-up
        home-result-activities`;
  t.doesNotThrow(() => assertTrace(telemetry.spans(), tree));
  const attributesOf = (name: string) => telemetry.spans().find((span) => span.name === name)?.attributes;
  const now = NOW.toISOString();
  t.match(attributesOf('home-activities-data'), { 'app.now': now, outer: true });
  t.match(attributesOf('home-result-activities'), {
    'app.now': now,
    'app.result_length': 20,
    inner: true,
  });
});

t.test('the span of a degraded answer says why', async (t) => {
  const users = createUserLookupClient({ origin: 'http://127.0.0.1:1' });
  const app = await buildTestApp({ users });
  t.teardown(() => app.close());
  t.equal((await app.inject('/api/activities/home')).json().degraded, true);
  await telemetry.flush();
  const data = telemetry.spans().find(({ name }) => name === 'home-activities-data');
  t.match(data?.attributes, { 'app.degraded': true, 'app.degraded_reason': 'unreachable' });
});

t.test('a problem names its trace', async (t) => {
  const app = await buildTestApp();
  t.teardown(() => app.close());
  const response = await app.inject('/api/activities/1');
  t.equal(response.headers['content-type'], 'application/problem+json');
  await telemetry.flush();
  t.equal(response.json().trace_id, telemetry.spans()[0]?.spanContext().traceId);
});
