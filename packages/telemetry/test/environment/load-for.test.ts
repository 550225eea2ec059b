import t from 'tap';
import { SettingsError } from '../../src/environment/env-reader.ts';
import { loadFor } from '../../src/environment/load-for.ts';

t.test('a setting whose package is not installed is one that the process cannot start with', async (t) => {
  const load =
    (...names: string[]) =>
    () =>
      loadFor('TRACE_SOMETHING', ...names);
  t.throws(load('@nobody/has-this/part.mjs'), SettingsError);
  t.throws(load('@nobody/has-this/part.mjs'), {
    message: 'TRACE_SOMETHING needs a package that is not installed: `npm install @nobody/has-this`.',
  });
  t.throws(load('has-none/part'), { message: /`npm install has-none`/ });
  t.throws(load('has-none/part', 'fastify', '@nobody/has-this'), {
    message:
      'TRACE_SOMETHING needs packages that are not installed: `npm install has-none @nobody/has-this`.',
  });
});
