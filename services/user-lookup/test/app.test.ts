import t from 'tap';
import { buildTestApp } from './build-test-app.ts';

t.test('many users are answered in one call, unknown handles are listed as missing', async (t) => {
  const app = await buildTestApp();
  t.teardown(() => app.close());
  const response = await app.inject('/api/users?handle=bayko&handle=nobody&handle=worf&handle=bayko');
  t.equal(response.statusCode, 200);
  const { users, missing } = response.json();
  t.same(users.map(({ handle }: { handle: string }) => handle).sort(), ['bayko', 'worf']);
  t.same(Object.keys(users[0]).sort(), ['avatar_url', 'display_name', 'handle']);
  t.same(missing, ['nobody']);
});

t.test('one handle and a hundred handles are fine', async (t) => {
  const app = await buildTestApp();
  t.teardown(() => app.close());
  t.same((await app.inject('/api/users?handle=zed')).json().missing, []);
  const hundred = Array.from({ length: 100 }, (_, index) => `handle=u${index}`).join('&');
  t.equal((await app.inject(`/api/users?${hundred}`)).json().missing.length, 100);
});

t.test('one user is found by handle, several by part of a name', async (t) => {
  const app = await buildTestApp();
  t.teardown(() => app.close());
  t.match((await app.inject('/api/users/bayko')).json(), { handle: 'bayko', display_name: 'Bay the Keeper' });
  const found = await app.inject('/api/users/search?q=lieutenant');
  t.match(found.json(), { users: [{ handle: 'worf' }] });
});

t.test('the OpenAPI document has the problems of a route', async (t) => {
  const app = await buildTestApp();
  t.teardown(() => app.close());
  const { paths } = (await app.inject('/documentation/json')).json();
  t.equal(
    Object.keys(paths['/api/users/{handle}'].get.responses).join(' '),
    '200 400 404 414 421 429 500 503 504',
  );
});
