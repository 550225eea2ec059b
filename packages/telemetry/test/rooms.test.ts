import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import t from 'tap';

/** Folders and files of src/, each of which imports only from those before it. */
const ROOMS = [
  'process-wide.ts',
  'is-error.ts',
  'counters.ts',
  'opentelemetry',
  'within-time.ts',
  'secrets.ts',
  'log-mixin.ts',
  'logger.ts',
  'failures',
  'settings',
  'running-telemetry.ts',
  'context',
  'sdk',
  'http',
  'fastify',
  'logs',
  'wire',
  'export',
  'report',
  'run-telemetry.ts',
  'start-telemetry.ts',
  'process-hooks.ts',
  'register-telemetry.ts',
  'register.ts',
  'honeycomb',
  'kysely',
  'propagators',
  'sampling',
  'testing',
  'doctor',
  'index.ts',
] as const;

const SOURCES = join(import.meta.dirname, '..', 'src');
const files = readdirSync(SOURCES, { recursive: true, encoding: 'utf8' }).filter((file) =>
  file.endsWith('.ts'),
);

/** The first part of a path below src/. */
function roomOf(file: string): string {
  return file.split(/[\\/]/)[0] ?? '';
}

/** What a file imports from src/, types and `import()` included. */
function importsOf(file: string): string[] {
  const text = readFileSync(join(SOURCES, file), 'utf8');
  return Array.from(text.matchAll(/(?:\bfrom|\bimport)\s*\(?\s*'(\.[^']+)'/g), ([, path = '']) =>
    relative(SOURCES, join(SOURCES, dirname(file), path)),
  );
}

t.test('every room stands in the order, and nothing else does', async (t) => {
  t.strictSame([...new Set(files.map(roomOf))].toSorted(), [...ROOMS].toSorted());
});

t.test('no room imports from one that comes after it', async (t) => {
  const order: readonly string[] = ROOMS;
  let arrows = 0;
  for (const file of files) {
    for (const imported of importsOf(file)) {
      arrows++;
      const isAllowed = order.indexOf(roomOf(imported)) <= order.indexOf(roomOf(file));
      if (!isAllowed) t.fail(`${file} imports ${imported}`);
    }
  }
  t.ok(arrows > files.length, 'the imports were found');
});

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
