import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Test } from 'tap';
import t from 'tap';
import { buildTestApp as buildUserLookup } from '../../../user-lookup/test/build-test-app.ts';
import { openActivitiesDatabase } from '../../src/database.ts';
import { seedActivities } from '../../src/seed.ts';
import { createUserLookupClient } from '../../src/user-lookup/client.ts';
import { NOW } from '../build-test-app.ts';
import { startStandIn } from '../stand-in.ts';
import { warmUp, within } from './look-up.ts';

const soon = () => within(5000);

const failure = (reason: string) => ({ name: 'LookupError', reason });

/** A client of a server in user-lookup's place. */
async function standIn(t: Test, answer: (request: IncomingMessage, response: ServerResponse) => void) {
  const { origin } = await startStandIn(t, answer);
  const client = createUserLookupClient({ origin: `${origin}/` });
  t.teardown(() => client.close());
  return client;
}

t.test('the client and the real user-lookup understand each other', async (t) => {
  const app = await buildUserLookup();
  const client = createUserLookupClient({ origin: await app.listen({ port: 0, host: '127.0.0.1' }) });
  t.teardown(() => Promise.all([client.close(), app.close()]));
  await warmUp(client);
  const { users, missing } = await client.find(['bayko', 'nobody', 'worf', 'bayko', 'NOT A HANDLE'], soon());
  t.same([...users.keys()].sort(), ['bayko', 'worf']);
  t.match(users.get('bayko'), { display_name: 'Bay the Keeper', avatar_url: /^https:/ });
  t.same([...missing].sort(), ['NOT A HANDLE', 'nobody']);
  t.equal((await client.find([], soon())).users.size, 0);
});

t.test('user-lookup knows every author of the demo activities', async (t) => {
  const app = await buildUserLookup();
  const database = await openActivitiesDatabase({ file: ':memory:' });
  const client = createUserLookupClient({ origin: await app.listen({ port: 0, host: '127.0.0.1' }) });
  t.teardown(() => Promise.all([client.close(), app.close(), database.close()]));
  await seedActivities(database.db, NOW);
  const authors = await database.db.selectFrom('activities').select('handle').distinct().execute();
  await warmUp(client);
  const found = await client.find(
    authors.map(({ handle }) => handle),
    soon(),
  );
  t.same([...found.missing], []);
  t.ok(found.users.size >= 12);
});

t.test('many handles go in calls of at most 100, never one each', async (t) => {
  const sizes: number[] = [];
  const client = await standIn(t, (request, response) => {
    const handles = new URL(request.url ?? '', 'http://x').searchParams.getAll('handle');
    sizes.push(handles.length);
    response
      .setHeader('content-type', 'application/json')
      .end(JSON.stringify({ users: [], missing: handles }));
  });
  const handles = Array.from({ length: 250 }, (_, index) => `user${index}`);
  const { missing } = await client.find(handles, soon());
  t.equal(missing.size, 250);
  t.same(
    sizes.sort((a, b) => b - a),
    [100, 100, 50],
  );
});

t.test('user-lookup is told how long the caller waits', async (t) => {
  let told = 0;
  const client = await standIn(t, (request, response) => {
    told = Number(request.headers['x-request-timeout-ms']);
    response.end('{"users":[],"missing":["bayko"]}');
  });
  await client.find(['bayko'], within(700));
  t.ok(told > 0 && told <= 700, `${told} ms`);
});

const FAILURES: Record<string, (response: ServerResponse) => void> = {
  http_500: (response) => void response.writeHead(500).end('oops'),
  http_400: (response) => void response.writeHead(400).end('{}'),
  timeout: (response) => void response.writeHead(504).end('{}'),
  unreachable: (response) => void response.destroy(),
  invalid_response: (response) => void response.end('<html>'),
};

for (const [reason, answer] of Object.entries(FAILURES)) {
  t.test(`a failed look-up says why: ${reason}`, async (t) => {
    const client = await standIn(t, (_request, response) => answer(response));
    await t.rejects(client.find(['bayko'], soon()), failure(reason));
  });
}

t.test('answers with a wrong body are refused', async (t) => {
  for (const body of [
    '{}',
    '[]',
    'null',
    '{"users":[{"handle":1}],"missing":[]}',
    '{"users":[],"missing":[{}]}',
    '',
  ]) {
    const client = await standIn(t, (_request, response) => void response.end(body));
    await t.rejects(client.find(['bayko'], soon()), failure('invalid_response'), JSON.stringify(body));
  }
});

t.test('an answer that does not end is cut off', async (t) => {
  const client = await standIn(t, (_request, response) => void response.end(Buffer.alloc(1024 * 1024, ' ')));
  await t.rejects(client.find(['bayko'], soon()), failure('invalid_response'));
});

t.test('a chunked answer is read; it must name every handle', async (t) => {
  const whole = await standIn(t, (_request, response) => {
    response.write('{"users":[],');
    response.end('"missing":["bayko"]}');
  });
  t.same([...(await whole.find(['bayko'], soon())).missing], ['bayko']);
  const without = await standIn(t, (_request, response) => {
    response.write('{"users":[],');
    response.end('"missing":["worf"]}');
  });
  await t.rejects(without.find(['bayko'], soon()), failure('invalid_response'));
});

t.test('an answer whose connection is cut is refused', async (t) => {
  const client = await standIn(t, (_request, response) => {
    response.writeHead(200, { 'content-length': '100' });
    response.write('{"users":', () => response.destroy());
  });
  await t.rejects(client.find(['bayko'], soon()), failure('invalid_response'));
});

t.test('a server that never answers, and a deadline that has passed, are timeouts', async (t) => {
  let asked = 0;
  const client = await standIn(t, () => void asked++);
  await t.rejects(client.find(['bayko'], within(300)), failure('timeout'));
  const before = asked;
  await t.rejects(client.find(['bayko'], within(-1)), failure('timeout'));
  t.equal(asked, before, 'too late to ask');
});

t.test('a look-up is aborted when its request is', async (t) => {
  const gone = new AbortController();
  const client = await standIn(t, () => gone.abort(new Error('the caller is gone')));
  await t.rejects(client.find(['bayko'], within(5000, gone.signal)), { message: 'the caller is gone' });
});

t.test('a look-up where nobody listens is unreachable', async (t) => {
  const client = createUserLookupClient({ origin: 'http://127.0.0.1:1' });
  t.teardown(() => client.close());
  await t.rejects(client.find(['bayko'], soon()), failure('unreachable'));
});
