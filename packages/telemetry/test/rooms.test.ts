import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { LIBRARIES } from '../src/guest/libraries.ts';

const SOURCES = join(import.meta.dirname, '..', 'src');
const files = readdirSync(SOURCES, { recursive: true, encoding: 'utf8' }).filter((file) =>
  file.endsWith('.ts'),
);

t.test('no text of telemetry names a command or a file of the workspace it was made in', async (t) => {
  for (const file of files) {
    const text = readFileSync(join(SOURCES, file), 'utf8');
    const outsideOfComments = text.replace(/\/\*\*?[\s\S]*?\*\/|^\s*\/\/.*$/gm, '');
    t.notMatch(outsideOfComments, /pnpm (dev|start|honeycomb|trace)|\.env\.example|tandem\.scenario/, file);
  }
});

t.test(
  "no feature has a name of another package's span: moments of calls tell it what happens",
  async (t) => {
    const libraries = Object.keys(LIBRARIES).filter((name) => !name.startsWith('node:'));
    const names = new RegExp(`['"\`](?:${libraries.join('|')})(?:[. ][\\w-]+)?['"\`]`);
    t.match("if (span.name === 'pg-pool.connect')", names);
    t.match("if (span.name.startsWith('pg'))", names);
    for (const file of files.filter((each) => /^features[\\/]/.test(each)))
      t.notMatch(readFileSync(join(SOURCES, file), 'utf8'), names, file);
  },
);
