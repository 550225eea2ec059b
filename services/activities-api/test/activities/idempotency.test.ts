import { databaseVariants } from '@tandem/service-kit/testing';
import type { Test } from 'tap';
import t from 'tap';
import { openActivitiesDatabase } from '../../src/database.ts';
import { buildTestApp, NOW } from '../build-test-app.ts';

const DAY_MS = 24 * 60 * 60 * 1000;
const payload = { handle: 'vir', message: 'once only, @londo', ttl: '30-days' };

for (const variant of databaseVariants(process.env.TEST_DATABASE_URL)) {
  async function start(t: Test) {
    const { location, remove } = await variant.create();
    const database = await openActivitiesDatabase(location);
    const clock = { now: NOW };
    const app = await buildTestApp({ database, now: () => clock.now });
    t.teardown(() => app.close().then(remove));
    const post = (key: string, change = {}, url = '/api/activities') =>
      app.inject({
        method: 'POST',
        url,
        headers: { 'idempotency-key': key },
        payload: { ...payload, ...change },
      });
    const stored = async () => {
      const found = await app.inject('/api/activities/@vir?limit=100');
      return found.json().activities.filter(({ message }: typeof payload) => message === payload.message)
        .length;
    };
    return { app, clock, post, stored };
  }

  t.test(`${variant.name}: the same request with the same key is done once and answered alike`, async (t) => {
    const { post, stored, clock } = await start(t);
    const first = await post('a');
    t.equal(first.statusCode, 201);
    t.notOk(first.headers['idempotent-replayed']);
    clock.now = new Date(NOW.getTime() + DAY_MS - 1);
    const second = await post('a');
    t.equal(second.statusCode, 201);
    t.same(second.json(), first.json());
    t.equal(second.headers.location, first.headers.location);
    t.equal(second.headers['idempotent-replayed'], 'true');
    t.equal(await stored(), 1);
    t.equal((await post('b')).statusCode, 201);
    t.equal(await stored(), 2, 'another key, another activity');
    clock.now = new Date(NOW.getTime() + DAY_MS);
    t.not((await post('a')).json().uuid, first.json().uuid);
    t.equal(await stored(), 3, 'after a day the key is forgotten');
  });

  t.test(`${variant.name}: the same request sent many times at once is done once`, async (t) => {
    const { post, stored } = await start(t);
    const answers = await Promise.all(Array.from({ length: 8 }, () => post('a')));
    t.same(new Set(answers.map(({ statusCode }) => statusCode)), new Set([201]));
    t.equal(new Set(answers.map((answer) => answer.json().uuid)).size, 1);
    t.equal(await stored(), 1);
  });

  t.test(`${variant.name}: another request with the same key is 422`, async (t) => {
    const { post, stored } = await start(t);
    const first = await post('a');
    for (const other of [
      await post('a', { message: 'another' }),
      await post('a', {}, `/api/activities/${first.json().uuid}/reply`),
    ])
      t.match(other.json(), {
        status: 422,
        code: 'IDEMPOTENCY_KEY_REUSED',
        errors: [{ in: 'header', field: 'idempotency-key' }],
      });
    t.equal(await stored(), 1);
  });

  t.test(`${variant.name}: a reply is counted once; one that failed leaves its key unused`, async (t) => {
    const { app, post } = await start(t);
    const { uuid } = (await post('a')).json();
    const nowhere = '/api/activities/00000000-0000-4000-8000-000000000000/reply';
    t.equal((await post('b', {}, nowhere)).statusCode, 404);
    const url = `/api/activities/${uuid}/reply`;
    const replies = [await post('b', {}, url), await post('b', {}, url)];
    t.same(
      replies.map(({ statusCode }) => statusCode),
      [201, 201],
    );
    t.match((await app.inject(`/api/activities/${uuid}`)).json(), { replies_count: 1 });
  });
}

for (const key of ['', 'a b', 'ä', 'x'.repeat(256)])
  t.test(`the key ${JSON.stringify(key.slice(0, 9))} is refused`, async (t) => {
    const app = await buildTestApp();
    t.teardown(() => app.close());
    const headers = { 'idempotency-key': key };
    const response = await app.inject({ method: 'POST', url: '/api/activities', headers, payload });
    t.match(response.json(), { status: 400, errors: [{ in: 'header', field: 'idempotency-key' }] });
  });
