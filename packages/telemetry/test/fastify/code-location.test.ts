import { readFileSync } from 'node:fs';
import type { FastifyInstance } from 'fastify';
import t from 'tap';
import { start } from './harness.ts';

const REGISTRATION = "  app.get('/located', showLocated);";
const LINE =
  readFileSync(import.meta.filename, 'utf8')
    .split('\n')
    .indexOf(REGISTRATION) + 1;

async function showLocated() {
  return 'ok';
}

function registerRoute(app: FastifyInstance): void {
  app.get('/located', showLocated);
}

t.test('with codeLocations a SERVER span says where its route was registered', async (t) => {
  const { url, serverSpan } = await start(t, registerRoute, { tracing: { codeLocations: true } });
  await fetch(`${url}/located`);
  const { attributes } = await serverSpan();
  t.match(attributes, {
    'code.file.path': import.meta.filename,
    'code.line.number': LINE,
    'code.function.name': 'showLocated',
  });
});

t.test('without codeLocations a SERVER span says nothing of code', async (t) => {
  const { url, serverSpan } = await start(t, registerRoute);
  await fetch(`${url}/located`);
  const { attributes } = await serverSpan();
  t.strictSame(
    Object.keys(attributes).filter((name) => name.startsWith('code.')),
    [],
  );
});
