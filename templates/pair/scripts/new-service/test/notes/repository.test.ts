import { databaseVariants } from '@tandem/service-kit/testing';
import t from 'tap';
import { openNotesDatabase } from '../../src/database.ts';
import { notesRepository } from '../../src/notes/repository.ts';

for (const variant of databaseVariants(process.env.TEST_DATABASE_URL))
  t.test(`${variant.name}: notes are found by their handle`, async (t) => {
    const { location, remove } = await variant.create();
    const database = await openNotesDatabase(location);
    t.teardown(() => database.close().then(remove));
    const notes = notesRepository(database);
    const note = await notes.add('bayko', 'hello');
    await notes.add('worf', 'other');
    t.same(await notes.findByHandle('bayko'), [note]);
  });
