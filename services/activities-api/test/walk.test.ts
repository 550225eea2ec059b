import { fileURLToPath } from 'node:url';
import { createTestTelemetry } from '@tandem/telemetry/testing';
import Fastify from 'fastify';
import t from 'tap';
import { recordFiles } from '../../../test/helpers/files-that-ran.ts';
import { createUserLookupClient } from '../src/user-lookup-client.ts';
import { buildTestApp } from './build-test-app.ts';
import { knowAll, startStandIn } from './stand-in.ts';

/** To follow one request, a reader opens at most this many files of service and kit. */
const MAX_FILES = 25;
const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
const OWN = /^(services\/activities-api|packages\/service-kit)\/src\//;

t.test('one POST passes 25 files of service and kit at most', async (t) => {
  const lookup = await startStandIn(t, knowAll);
  const users = createUserLookupClient(lookup.origin);
  const telemetry = createTestTelemetry();
  t.teardown(() => telemetry.shutdown());
  const { log: logger } = Fastify({ logger: { level: 'silent' } });
  const app = await buildTestApp({ users, logger });
  t.teardown(() => app.close().then(() => users.close()));
  const origin = await app.listen({ host: '127.0.0.1', port: 0 });
  const { filesThatRan, stop } = await recordFiles(ROOT, OWN);
  t.teardown(stop);

  const post = async () => {
    const body = JSON.stringify({ handle: 'vir', message: 'for @londo', ttl: '1-hour' });
    const headers = { 'content-type': 'application/json' };
    const response = await fetch(`${origin}/api/activities`, { method: 'POST', headers, body });
    t.equal(response.status, 201, await response.text());
  };
  await post();
  await filesThatRan(); // counts from here on
  await post();
  const files = await filesThatRan();
  t.ok(files.length <= MAX_FILES, `${files.length}:\n${files.join('\n')}`);
  for (const file of [
    'services/activities-api/src/activities/post-activity.ts',
    'packages/service-kit/src/server/overload.ts',
  ])
    t.ok(files.includes(file), `${file} runs`);
});
