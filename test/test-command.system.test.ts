import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { findChromium } from '../scripts/lib/find-chromium.ts';
import { TapReport } from '../scripts/lib/tap-report.ts';
import { ROOT, startNode, untilOutput } from './helpers/processes.ts';

/** `pnpm test` with these arguments, without what the tap around it has set in the environment. */
function startTests(...args: string[]) {
  return startNode('.', ['scripts/test.ts', '-R', 'tap', ...args], {});
}

const importTap = `import t from ${JSON.stringify(import.meta.resolve('tap'))};\n`;

t.test('the exit code of the tests is passed on, and their totals are printed', async (t) => {
  const directory = t.testdir({
    'good.test.ts': `${importTap}t.equal(1 as number, 1);`,
    'bad.test.ts': `${importTap}t.equal(1 as number, 2);`,
  });
  const [good, bad] = ['good', 'bad'].map((name) => startTests(join(directory, `${name}.test.ts`)));
  t.equal(await good?.exited, 0);
  t.match(good?.output(), /^# \{ total: 1, pass: 1 \}$/m);
  t.equal(await bad?.exited, 1);
  t.match(bad?.output(), /^# \{ total: 1, pass: 0, fail: 1 \}$/m);
});

t.test(
  'a test loads tap as one file, without what takes notes about modules, and reads no source maps',
  async (t) => {
    t.match(import.meta.resolve('tap'), /\/node_modules\/\.cache\/tap\//);
    const symbols = Object.getOwnPropertySymbols(globalThis).map(String);
    t.notOk(symbols.includes('Symbol(@tapjs/processinfo.registerRequire)'));
    t.equal(process.sourceMapsEnabled, false);
  },
);

t.test('options are read without changing the environment, where tap would find other plugins', async (t) => {
  const code = `import { readTapOptions } from './scripts/lib/tap.ts';
    const before = JSON.stringify(process.env);
    readTapOptions(['--reporter=tap']);
    console.log(JSON.stringify(process.env) === before);`;
  // A process of its own: in a test tap is another file.
  const reading = startNode('.', ['--input-type=module', '--eval', code], {});
  t.equal(await reading.exited, 0, reading.output());
  t.equal(reading.output().trim(), 'true');
});

t.test('what failed is printed with its place and the tests around it, and no more than that', async (t) => {
  const failed = `# Subtest: one.test.ts
    # Subtest: outer
        ok 1 - fine
        not ok 2 - one is two
          ---
          diff: |
            -2
            ...
          at:
            fileName: one.test.ts
            lineNumber: 7
          ...
        not ok 3 - later # TODO
        1..3
    not ok 1 - outer # time=1ms
not ok 1 - one.test.ts # time=2ms
  ---
  exitCode: 1
  ...
`;
  const passed = Array.from(
    { length: 39 },
    (_, n) => `# Subtest: ${n}\n    ok 1 - x\nok ${n + 2} - ${n}.test.ts\n`,
  );
  let printed = '';
  const report = new TapReport({ write: (text) => (printed += text) });
  for (const line of `${failed}${passed.join('')}# { total: 41, pass: 40, fail: 1 }`.split('\n'))
    report.read(line);
  report.end('.tap/x.tap');
  const [, ...lines] = failed.split('\n').filter((line) => !/^ +ok |TODO|1\.\.3|# Subtest: outer/.test(line));
  t.equal(
    printed,
    `${lines.join('\n')}
20 test files, 1 failed
40 test files, 1 failed
40 test files, 1 failed. Assertions: { total: 41, pass: 40, fail: 1 }. All of it: .tap/x.tap
`,
  );
  printed = '';
  const killed = new TapReport({ write: (text) => (printed += text) });
  killed.end('.tap/x.tap');
  t.match(printed, 'Assertions: not all have run.');
});

t.test('a signal ends the tests, and then the command itself', async (t) => {
  const directory = t.testdir({
    'hangs.test.ts': `console.log('TAP version 14\\n# hangs'); setInterval(() => {}, 1000);`,
  });
  const tests = startTests(join(directory, 'hangs.test.ts'));
  await untilOutput(tests, /# hangs/);
  t.not(await tests.stop('SIGTERM'), 0);
});

t.test('CHROMIUM_PATH wins over the usual places of Chromium', async (t) => {
  const directory = t.testdir({ chromium: '' });
  t.equal(findChromium({ CHROMIUM_PATH: join(directory, 'chromium') }), join(directory, 'chromium'));
  t.equal(findChromium({ CHROMIUM_PATH: join(directory, 'nowhere') }), undefined);
});

t.test('tests that open a browser, and no others, are named so that they can be left out', async (t) => {
  const directory = join(ROOT, 'packages/trace-explorer/test/page');
  for (const file of readdirSync(directory, { recursive: true, encoding: 'utf8' })) {
    if (!file.endsWith('.test.ts')) continue;
    const opens = /\/(?:browser|workspace|open-query|open-trace|log-fixtures)\.ts'/.test(
      readFileSync(join(directory, file), 'utf8'),
    );
    t.equal(file.endsWith('.browser.test.ts'), opens, file);
  }
});
