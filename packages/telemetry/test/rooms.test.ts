import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';

const SOURCES = join(import.meta.dirname, '..', 'src');
const files = readdirSync(SOURCES, { recursive: true, encoding: 'utf8' }).filter((file) =>
  file.endsWith('.ts'),
);

/** The first part of a path below src/. */
function roomOf(file: string): string {
  return file.split(/[\\/]/)[0] ?? '';
}

t.test("OpenTelemetry's SDK is imported in one room", async (t) => {
  const sdk = /from '@opentelemetry\/(?:context-async-hooks|core|resources|sdk-)/;
  for (const file of files.filter((each) => roomOf(each) !== 'opentelemetry'))
    t.notMatch(readFileSync(join(SOURCES, file), 'utf8'), sdk, file);
});

t.test('no text of telemetry names a command or a file of the workspace it was made in', async (t) => {
  for (const file of files) {
    const text = readFileSync(join(SOURCES, file), 'utf8');
    const outsideOfComments = text.replace(/\/\*\*?[\s\S]*?\*\/|^\s*\/\/.*$/gm, '');
    t.notMatch(outsideOfComments, /pnpm (dev|start|honeycomb|trace)|\.env\.example|tandem\.scenario/, file);
  }
});
