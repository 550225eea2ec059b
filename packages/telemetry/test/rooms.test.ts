import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';

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
