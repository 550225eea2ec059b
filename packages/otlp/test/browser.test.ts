import { readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import t from 'tap';

const SOURCES = join(import.meta.dirname, '../src');

t.test('the browser entry imports nothing of Node', async (t) => {
  const files = filesNeededBy(join(SOURCES, 'browser.ts'));
  t.ok(files.size > 5, 'imports are found');
  for (const file of files) {
    const source = readFileSync(file, 'utf8');
    t.notMatch(source, /from '(node:|[^.'])/, `${relative(SOURCES, file)} imports no module outside`);
    t.notMatch(source, /\bBuffer\.|\bprocess\./, `${relative(SOURCES, file)} uses no global of Node`);
  }
});

/** The file and all that it imports, types too. */
function filesNeededBy(file: string, seen = new Set<string>()): Set<string> {
  if (seen.has(file)) return seen;
  seen.add(file);
  for (const [, path = ''] of readFileSync(file, 'utf8').matchAll(/ from '(\.[^']+)'/g))
    filesNeededBy(join(dirname(file), path), seen);
  return seen;
}
