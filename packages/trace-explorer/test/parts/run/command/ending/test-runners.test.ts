import t from 'tap';
import { unseenTests } from '../../../../../src/parts/run/command/ending/test-runners.ts';

const START = { pid: 1, use: 'start' } as const;

/** The line about a runner that a process of this file is. */
function lineOf(file: string, hasTests = false): string {
  const lines = unseenTests([{ ...START, file }], hasTests);
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

t.test('of a runner that telemetry knows, only another version is named', async (t) => {
  const mocha = (version: string) => {
    const folder = t.testdir({
      node_modules: { mocha: { 'package.json': `{"version":"${version}"}`, bin: { 'mocha.js': '' } } },
    });
    return `${folder}/node_modules/mocha/bin/mocha.js`;
  };
  t.match(lineOf(mocha('10.8.2')), 'The tests of Mocha 10.8.2 are not traces');
  t.match(lineOf(mocha('12.0.0'), true), 'The tests of Mocha 12.0.0 are not traces');
  t.equal(lineOf(mocha('11.8.0')), '', 'it printed its version, or found no tests');
});

t.test('Jest whose tests another runner runs is named, once they have asked somebody', async (t) => {
  const folder = t.testdir({
    node_modules: {
      jest: { 'package.json': '{"version":"30.5.2"}', bin: { 'jest.js': '' } },
      tinypool: { dist: { entry: { 'process.js': '' } } },
    },
  });
  const file = `${folder}/node_modules/jest/bin/jest.js`;
  const started = { ...START, file };
  t.same(unseenTests([started], false), []);
  t.same(unseenTests([started, { pid: 2, use: 'fetch', file: '/shop/server.js' }], false), []);
  const line = /^The tests of Jest 30\.5\.2 are not traces, .*another runner than jest-circus/;
  for (const process of [file, `${folder}/node_modules/tinypool/dist/entry/process.js`])
    t.match(unseenTests([started, { pid: 2, use: 'fetch', file: process }], false), [line]);
  const told = { pid: 2, use: 'test-runner', name: 'Jest', file: '' } as const;
  t.same(unseenTests([started, told, { pid: 2, use: 'fetch', file }], false), []);
});

t.test(
  'what telemetry tells of a runner is said once, and a runner that is heard is not named',
  async (t) => {
    const file = '/shop/node_modules/.bin/jest';
    const told = { pid: 2, file: '', use: 'test-runner', name: 'Jest' } as const;
    const reason = 'The tests of Jest 99.0.0 are not traces: it has no dispatch.';
    t.same(unseenTests([{ ...START, file }, told], false), []);
    t.same(
      unseenTests(
        [
          { ...START, file },
          { ...told, reason },
          { ...told, pid: 3, reason },
        ],
        false,
      ),
      [reason],
    );
  },
);
