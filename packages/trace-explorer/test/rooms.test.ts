import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';

const SOURCES = join(import.meta.dirname, '..', 'src');

t.test('nothing but the page imports the page', async (t) => {
  const files = globSync('**/*.ts', { cwd: SOURCES }).filter((file) => !file.startsWith('page/'));
  t.ok(files.length > 100, 'the sources were found');
  t.same(
    files.filter((file) => /from '[^']*\/page\//.test(readFileSync(join(SOURCES, file), 'utf8'))),
    [],
  );
});
