import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { ENTRIES } from '../src/entries.ts';

/** The most names that other packages take from telemetry beside its public ones. */
const MAX_NAMES = 12;

const TELEMETRY = join(import.meta.dirname, '..', '..', 'telemetry');

t.test(
  `at most ${MAX_NAMES} private names of telemetry cross packages, in entries of their own`,
  async (t) => {
    const { exports }: { exports: Record<string, string> } = JSON.parse(
      readFileSync(join(TELEMETRY, 'package.json'), 'utf8'),
    );
    const names = Object.entries(exports).flatMap(([entry, file]) => {
      const isPublic = entry === '.' || Object.hasOwn(ENTRIES, entry.slice(2));
      const lists = isPublic
        ? []
        : readFileSync(join(TELEMETRY, file), 'utf8').matchAll(/^export \{([^}]*)\}/gm);
      return Array.from(lists, ([, list = '']) => list.split(',').map((name) => name.trim())).flat();
    });
    t.ok(names.length > 5 && names.length <= MAX_NAMES, names.join(' '));
  },
);

t.test('HTTP spans know the API of OpenTelemetry, and no SDK', async (t) => {
  const { dependencies }: { dependencies: Record<string, string> } = JSON.parse(
    readFileSync(join(TELEMETRY, '..', 'http-spans', 'package.json'), 'utf8'),
  );
  t.same(Object.keys(dependencies), [
    '@opentelemetry/api',
    '@opentelemetry/core', // the key that turns tracing off in a context
    '@opentelemetry/semantic-conventions',
  ]);
});
