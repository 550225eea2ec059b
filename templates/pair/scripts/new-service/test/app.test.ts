import t from 'tap';
import { buildTestApp as buildUserLookup } from '../../user-lookup/test/build-test-app.ts';
import { buildTestApp } from './build-test-app.ts';

t.test('a note is added, and is found with the name that the real user-lookup has', async (t) => {
  const userLookup = await buildUserLookup();
  t.teardown(() => userLookup.close());
  const userLookupUrl = await userLookup.listen({ host: '127.0.0.1', port: 0 });
  const app = await buildTestApp({ userLookupUrl });
  t.teardown(() => app.close());
  const added = await app.inject({ method: 'POST', url: '/api/notes/bayko', payload: { text: 'hello' } });
  t.equal(added.statusCode, 201);
  const found = await app.inject('/api/notes/bayko');
  t.match(found.json(), { display_name: 'Bay the Keeper', notes: [{ handle: 'bayko', text: 'hello' }] });
  t.match((await app.inject('/api/notes/nobody')).json(), { display_name: null, notes: [] });
});

t.test('without user-lookup, notes have no name', async (t) => {
  const app = await buildTestApp();
  t.teardown(() => app.close());
  t.strictSame((await app.inject('/api/notes/bayko')).json(), { display_name: null, notes: [] });
});

t.test('a handle that is none is refused', async (t) => {
  const app = await buildTestApp();
  t.teardown(() => app.close());
  t.equal((await app.inject('/api/notes/UPPER')).statusCode, 400);
});
