import { fileURLToPath } from 'node:url';
import { createTestTelemetry } from '@tandem/telemetry/testing';
import Fastify from 'fastify';
import t from 'tap';
import { isWalkOf, recordFiles } from '../../../test/helpers/files-that-ran.ts';
import { buildTestApp as buildUserLookup } from '../../user-lookup/test/build-test-app.ts';
import { createUserLookupClient } from '../src/user-lookup/client.ts';
import { buildTestApp } from './build-test-app.ts';
import { knowAll, startStandIn } from './stand-in.ts';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));

// Alone in its process: telemetry is registered for all tests.
const telemetry = createTestTelemetry();
t.teardown(() => telemetry.shutdown());
const { log: logger } = Fastify({ logger: { level: 'silent' } });

/** Runs by a timer, at any time. */
const TIMED = 'packages/service-kit/src/server/waiting-connections.ts';

/** The files that run while `request` is answered for the second time. */
async function filesOf(own: RegExp, request: () => Promise<Response>): Promise<string[]> {
  const { filesThatRan, stop } = await recordFiles(ROOT, own);
  t.teardown(stop);
  await request();
  await filesThatRan(); // counts from here on
  t.ok((await request()).ok);
  return (await filesThatRan()).filter((file) => file !== TIMED);
}

t.test('one POST passes through few files of the service and the kit', async (t) => {
  const lookup = await startStandIn(t, knowAll);
  const users = createUserLookupClient({ origin: lookup.origin });
  const app = await buildTestApp({ users, runtime: { logger } });
  t.teardown(() => app.close());
  const origin = await app.listen({ host: '127.0.0.1', port: 0 });
  const body = JSON.stringify({ handle: 'vir', message: 'for @londo', ttl: '1-hour' });
  const headers = { 'content-type': 'application/json' };
  const files = await filesOf(/^(services\/activities-api|packages\/service-kit)\/src\//, () =>
    fetch(`${origin}/api/activities`, { method: 'POST', headers, body }),
  );
  isWalkOf(t, files, 14);
});

t.test('one GET of users passes through few files of the service and the kit', async (t) => {
  const app = await buildUserLookup({ runtime: { logger } });
  t.teardown(() => app.close());
  const origin = await app.listen({ host: '127.0.0.1', port: 0 });
  const files = await filesOf(/^(services\/user-lookup|packages\/service-kit)\/src\//, () =>
    fetch(`${origin}/api/users?handle=vir&handle=londo`),
  );
  isWalkOf(t, files, 7);
});
