import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { loadFor, loadOptional } from '../../src/opentelemetry/optional-package.ts';

t.test('a package that is not installed is none, or an error that says what to install', async (t) => {
  t.equal(loadOptional('@nobody/has-this'), undefined);
  t.throws(() => loadFor('TRACE_SOMETHING', '@nobody/has-this/part.mjs'), {
    message: 'TRACE_SOMETHING needs a package that is not installed: `npm install @nobody/has-this`.',
  });
  t.throws(() => loadFor('TRACE_SOMETHING', 'has-none/part'), { message: /`npm install has-none`/ });
});

t.test('a package that fails while it is loaded is not called missing', async (t) => {
  const broken = join(t.testdir(), 'broken.cjs');
  writeFileSync(broken, "throw new Error('broken')");
  t.throws(() => loadOptional(broken), { message: 'broken' });
});
