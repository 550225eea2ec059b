import { readFileSync } from 'node:fs';
import { createTestTelemetry } from '@tandem/telemetry/testing';
import type { Test } from 'tap';
import t from 'tap';
import { createServer } from '../../src/traced/index.ts';

const telemetry = createTestTelemetry();
t.teardown(() => telemetry.shutdown());

async function spanOf(t: Test, path: string, codeLocations?: boolean) {
  const app = await createServer({
    title: 'test',
    description: 'A test.',
    version: '1.2.3',
    rateLimitMax: 100_000,
    readiness: { checkDatabase: async () => {}, isStopping: () => false },
    ...(codeLocations !== undefined && { codeLocations }),
    api(api) {
      api.get('/things', { config: { rateLimit: false } }, async function listThings() {
        return [];
      });
      api.get('/unnamed', () => ({}));
      api.get('/built-in', Object.freeze as never);
    },
  });
  t.teardown(() => app.close());
  telemetry.reset();
  await app.inject({ url: `/api${path}` });
  const [span] = telemetry.spans();
  return span?.attributes ?? {};
}

const lineOf = (text: string) =>
  readFileSync(import.meta.filename, 'utf8')
    .split('\n')
    .findIndex((line) => line.includes(text)) + 1;

t.test('a SERVER span says which function answers, and where that is written', async (t) => {
  t.match(await spanOf(t, '/things', true), {
    'http.route': '/api/things',
    'code.function.name': 'listThings',
    'code.file.path': import.meta.filename,
    'code.line.number': lineOf('async function listThings'),
  });
});

t.test('a function without a name has a place, one that is in no file has none', async (t) => {
  const unnamed = await spanOf(t, '/unnamed', true);
  t.equal(unnamed['code.line.number'], lineOf("api.get('/unnamed'"));
  t.notOk('code.function.name' in unnamed);
  for (const path of ['/built-in', '/nowhere']) {
    const attributes = await spanOf(t, path, true);
    t.notOk(Object.keys(attributes).some((name) => name.startsWith('code.')));
  }
});

t.test('unless asked, spans name no path of the machine', async (t) => {
  const attributes = await spanOf(t, '/things');
  t.equal(attributes['http.route'], '/api/things');
  t.notOk(Object.keys(attributes).some((name) => name.startsWith('code.')));
});
