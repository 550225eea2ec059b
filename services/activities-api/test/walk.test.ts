import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { createTestTelemetry } from '@tandem/telemetry/testing';
import Fastify from 'fastify';
import t from 'tap';
import { recordFiles } from '../../../test/helpers/files-that-ran.ts';
import { buildTestApp as buildUserLookup } from '../../user-lookup/test/build-test-app.ts';
import { createUserLookupClient } from '../src/user-lookup/client.ts';
import { buildTestApp } from './build-test-app.ts';
import { knowAll, startStandIn } from './stand-in.ts';

/** To follow one request, a reader opens at most this many files of service and kit. */
const MAX_FILES = { 'POST /api/activities': 15, 'GET /api/users': 9 };
const ROOT = fileURLToPath(new URL('../../..', import.meta.url));

// Alone in its process: telemetry is registered for all tests.
const telemetry = createTestTelemetry();
t.teardown(() => telemetry.shutdown());
const { log: logger } = Fastify({ logger: { level: 'silent' } });

/** The files of a walk in services/README.md. */
function listed(heading: keyof typeof MAX_FILES): string[] {
  const [, section = ''] = readFileSync(`${ROOT}services/README.md`, 'utf8').split(`\n## ${heading}\n`);
  const [list = ''] = section.split('\n\n');
  return [...list.matchAll(/^\d+\. \[([^\]]+)\]/gm)].map(([, path = '']) =>
    path.startsWith('service-kit') ? `packages/${path}` : `services/${path}`,
  );
}

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

t.test('one POST passes the files that services/README.md lists, 15 at most', async (t) => {
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
  const walk = listed('POST /api/activities');
  t.ok(walk.length <= MAX_FILES['POST /api/activities']);
  t.same(files.toSorted(), walk.filter((file) => !file.endsWith('/schemas.ts')).toSorted());
});

t.test('one GET of users passes the files that services/README.md lists, 9 at most', async (t) => {
  const app = await buildUserLookup({ runtime: { logger } });
  t.teardown(() => app.close());
  const origin = await app.listen({ host: '127.0.0.1', port: 0 });
  const files = await filesOf(/^(services\/user-lookup|packages\/service-kit)\/src\//, () =>
    fetch(`${origin}/api/users?handle=vir&handle=londo`),
  );
  const walk = listed('GET /api/users');
  t.ok(walk.length <= MAX_FILES['GET /api/users']);
  const isRun = (file: string) => !/(schemas|user-lookup\/src\/app)\.ts$/.test(file);
  t.same(files.toSorted(), walk.filter(isRun).toSorted());
});
