import { databaseVariants } from '@tandem/service-kit/testing';
import type { Test } from 'tap';
import t from 'tap';
import { openUsersDatabase } from '../../src/database.ts';
import { seedUsers } from '../../src/seed.ts';
import { usersRepository } from '../../src/users/repository.ts';

for (const variant of databaseVariants(process.env.TEST_DATABASE_URL)) {
  async function open(t: Test) {
    const { location, remove } = await variant.create();
    const database = await openUsersDatabase(location);
    t.teardown(() => database.close().then(remove));
    await seedUsers(database.db);
    return { database, users: usersRepository(database) };
  }

  t.test(
    `${variant.name}: many users are found in one statement, unknown handles are left out`,
    async (t) => {
      const { users } = await open(t);
      for (const known of [
        ['bayko'],
        ['bayko', 'worf'],
        ['bayko', 'worf', 'zed'],
        ['ada', 'bayko', 'otto', 'worf', 'zed'],
      ]) {
        const found = await users.findByHandles([...known, 'nobody']);
        t.same(found.map(({ handle }) => handle).sort(), known);
      }
      const hundred = Array.from({ length: 100 }, (_, index) => (index === 99 ? 'vir' : `nobody${index}`));
      t.same(await users.findByHandles(hundred), [
        { handle: 'vir', display_name: 'Vim the Attaché', avatar_url: 'https://avatars.example/vir.svg' },
      ]);
    },
  );

  t.test(
    `${variant.name}: search looks in handles and names, in any case, wildcards taken literally`,
    async (t) => {
      const { users } = await open(t);
      const found = async (term: string) => (await users.search(term, 20)).map(({ handle }) => handle);
      t.same(await found('BAY'), ['bayko']);
      t.same(await found('attachÉ'), ['vir']);
      t.same(await found('æther'), ['pixel']);
      t.same(await found('%'), []);
      t.same(await found("' or '1'='1"), []);
      t.equal((await users.search('a', 3)).length, 3);
    },
  );

  t.test(`${variant.name}: the demo users are at least twelve, and are added once`, async (t) => {
    const { database } = await open(t);
    const first = await database.db.selectFrom('users').selectAll().orderBy('handle').execute();
    await seedUsers(database.db);
    t.same(await database.db.selectFrom('users').selectAll().orderBy('handle').execute(), first);
    t.ok(first.length >= 12);
  });

  t.test(`${variant.name}: search goes through all users in the order of their handles`, async (t) => {
    const { database } = await open(t);
    const users = usersRepository(database);
    const all = (await database.db.selectFrom('users').selectAll().orderBy('handle').execute()).map(
      ({ handle, search_text }) => ({ handle, search_text }),
    );
    for (const term of [
      'e',
      'O',
      'er',
      'the',
      'The ',
      'tra',
      'ünter',
      'Æ',
      '&',
      'zed',
      'nobody',
      '"',
      'a" OR "b',
    ]) {
      const expected = all.filter(({ search_text }) => search_text.includes(term.toLowerCase()));
      const found: string[] = [];
      let after: string | undefined;
      for (let pages = 0; pages < 20; pages++) {
        const result = await users.search(term, 2, after);
        found.push(...result.map(({ handle }) => handle));
        after = found.at(-1);
        if (result.length < 2) break;
      }
      t.same(
        found,
        expected.map(({ handle }) => handle),
        term,
      );
    }
    await database.db
      .updateTable('users')
      .set({ search_text: 'renamed' })
      .where('handle', '=', 'zed')
      .execute();
    t.same(
      (await users.search('rename', 20)).map(({ handle }) => handle),
      ['zed'],
    );
    await database.db.deleteFrom('users').where('handle', '=', 'zed').execute();
    t.same(await users.search('rename', 20), []);
  });
}
