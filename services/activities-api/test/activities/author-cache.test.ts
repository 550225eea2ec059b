import t from 'tap';
import { AuthorCache } from '../../src/activities/author-cache.ts';
import type { User } from '../../src/user-directory.ts';

const user = (handle: string, display_name = `The ${handle}`): User => ({
  handle,
  display_name,
  avatar_url: `https://avatars.example/${handle}.svg`,
});

const found = (users: readonly User[], missing: readonly string[] = []) => ({
  users: new Map(users.map((each) => [each.handle, each])),
  missing: new Set(missing),
});

const recalled = (cache: AuthorCache, ...handles: string[]) => [...cache.recall(handles).keys()];

t.test('who was found is recalled, as last found; who is gone is forgotten', (t) => {
  const cache = new AuthorCache();
  cache.remember(found([user('bayko'), user('worf')]));
  cache.remember(found([user('bayko', 'Renamed')]));
  t.equal(cache.recall(['bayko', 'nobody']).get('bayko')?.display_name, 'Renamed');
  t.same(recalled(cache, 'worf', 'nobody'), ['worf']);
  cache.remember(found([], ['worf']));
  t.same(recalled(cache, 'bayko', 'worf'), ['bayko']);
  t.end();
});

t.test('it keeps those that were shown last, by number and by size', (t) => {
  const few = new AuthorCache({ maxAuthors: 2 });
  few.remember(found([user('a'), user('b'), user('c')]));
  t.same(recalled(few, 'a', 'b', 'c'), ['b', 'c']);

  const small = new AuthorCache({ maxBytes: 10_000 });
  small.remember(
    found([user('a', 'x'.repeat(2000)), user('b', 'x'.repeat(2000)), user('c', 'x'.repeat(2000))]),
  );
  t.same(recalled(small, 'a', 'b', 'c'), ['b', 'c']);
  small.remember(found([user('d', 'x'.repeat(20_000))]));
  t.same(recalled(small, 'b', 'c', 'd'), ['b', 'c'], 'what does not fit drives nobody out');
  t.end();
});

t.test('a name that was not confirmed for a day is not shown any more', (t) => {
  const HOUR_MS = 3_600_000;
  let now = 1;
  const cache = new AuthorCache({ now: () => now });
  cache.remember(found([user('bayko')]));
  now += 23 * HOUR_MS;
  t.same(recalled(cache, 'bayko'), ['bayko']);
  now += 2 * HOUR_MS;
  t.same(recalled(cache, 'bayko'), []);
  t.end();
});
