import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { loadOptional } from '../../src/opentelemetry/optional-package.ts';

t.test('a package that is not installed is none', async (t) => {
  t.equal(loadOptional('@nobody/has-this'), undefined);
});

t.test('it is none in another realm either, as tests of Jest are', async (t) => {
  const foreign = join(t.testdir(), 'foreign.cjs');
  const thrown = "Object.assign(new Error('Cannot find module'), { code: 'MODULE_NOT_FOUND' })";
  writeFileSync(foreign, `throw require('node:vm').runInNewContext(${JSON.stringify(thrown)})`);
  t.equal(loadOptional(foreign), undefined);
});

t.test('a package that fails while it is loaded is not called missing', async (t) => {
  const broken = join(t.testdir(), 'broken.cjs');
  writeFileSync(broken, "throw new Error('broken')");
  t.throws(() => loadOptional(broken), { message: 'broken' });
});
