import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { ROOT } from '../helpers/processes.ts';

const SOURCES = ['{packages,scripts/lib}/**/{doctor,honeycomb,report,delivery}/**/*.ts', 'scripts/lib/*.ts'];

t.test('docs/nothing-arrives.md quotes what doctor says', async (t) => {
  const files = globSync(SOURCES, { cwd: ROOT, exclude: ['**/node_modules/**', '**/test/**'] });
  const said = files.map((file) => readFileSync(join(ROOT, file), 'utf8')).join('\n');
  const rows = readFileSync(join(ROOT, 'docs/nothing-arrives.md'), 'utf8').match(/^\| \d+\. .+$/gm) ?? [];
  t.ok(rows.length > 10, 'there are rows');
  // The system's own words, and texts that the doctor puts together from a name and a sentence.
  const others = ['ECONNREFUSED', 'ENOTFOUND', 'certificate'];
  for (const row of rows)
    for (const [, quote = ''] of (row.split(' | ')[1] ?? '').matchAll(/`([^`]+)`/g)) {
      const parts = quote.split(/^\d{3}, |=\w+(?=:)/).filter((part) => !others.includes(part));
      for (const part of parts) t.ok(said.includes(part), `${quote}: ${row}`);
    }
});
