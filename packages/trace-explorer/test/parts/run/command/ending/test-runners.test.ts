import t from 'tap';
import { unseenTests } from '../../../../../src/parts/run/command/ending/test-runners.ts';

/** The line about a runner that a process of this file is. */
function lineOf(file: string, hasTests = false): string {
  const lines = unseenTests([{ pid: 1, file, use: 'start' }], hasTests);
  t.ok(lines.length < 2);
  return lines[0] ?? '';
}

t.test('a runner whose tests do not come is named, however it is started', async (t) => {
  const started = {
    Vitest: ['.bin/vitest', 'vitest/vitest.mjs', '.pnpm/vitest@4.1.0/node_modules/vitest/vitest.mjs'],
    Jest: ['.bin/jest', 'jest/bin/jest.js', 'jest-cli/bin/jest.js'],
    Mocha: ['.bin/mocha', '.bin/_mocha', 'mocha/bin/mocha.js', 'mocha/lib/cli/cli.js'],
    Playwright: ['.bin/playwright', '@playwright/test/cli.js'],
    AVA: ['.bin/ava', 'ava/entrypoints/cli.mjs'],
  };
  for (const [name, files] of Object.entries(started))
    for (const file of files) t.match(lineOf(`/shop/node_modules/${file}`), `The tests of ${name} `, file);
  t.match(
    lineOf('C:\\shop\\node_modules\\vitest\\vitest.mjs'),
    'experimental: { openTelemetry: { enabled: true } }',
  );
});

t.test('nothing is said of Vitest whose tests came, and of an app', async (t) => {
  t.equal(lineOf('/shop/node_modules/vitest/vitest.mjs', true), '');
  for (const file of ['/shop/vitest.mjs', '/shop/test/mocha.js', '/shop/cli.js', ''])
    t.equal(lineOf(file), '', file);
});
