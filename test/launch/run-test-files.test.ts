import { globSync } from 'node:fs';
import { join, relative } from 'node:path';
import t from 'tap';
import type { TestFailure } from '../../scripts/lib/run-test-files.ts';
import { grepOf, runTestFiles } from '../../scripts/lib/run-test-files.ts';
import { ROOT } from '../../tools/root.ts';

/** Two tests that fail where they run side by side. */
const ONE_AFTER_THE_OTHER = `import { setTimeout } from 'node:timers/promises';
import t from 'tap';
let running = 0;
for (const name of ['one', 'two'])
  t.test(name, async (t) => {
    t.equal(++running, 1);
    await setTimeout(50);
    running--;
  });
`;

t.test('a file’s number of jobs is not that of the files after it in the process', async (t) => {
  const folder = t.testdir({
    'jobs.test.ts': `import t from 'tap';\nt.jobs = 2;\nt.test('its own', async (t) => t.pass());\n`,
    'serial.test.ts': ONE_AFTER_THE_OTHER,
  });
  const files = ['jobs.test.ts', 'serial.test.ts'].map((file) => relative(ROOT, join(folder, file)));
  const { failures } = await runTestFiles(files);
  t.strictSame(failures, []);
});

t.test(
  'of files that share a process, only tests of the name run, and a failure says where it is',
  async (t) => {
    const one = `import t from 'tap';\nt.test('in (one)', async (t) => t.test('inside', async (t) => t.fail('is wrong')));\n`;
    const two = `import t from 'tap';\nt.test('in two', async (t) => t.fail('is wrong too'));\n`;
    const folder = t.testdir({ 'one.test.ts': one, 'two.test.ts': two });
    const files = ['one.test.ts', 'two.test.ts'].map((file) => relative(ROOT, join(folder, file)));
    const found: object[] = [];
    const collect = ({ file, test, text }: TestFailure) =>
      found.push({ file, test, name: text.split('\n')[0] });
    const [first, second] = [
      { file: files[0], test: 'in (one)', name: 'in (one) > inside > is wrong' },
      { file: files[1], test: 'in two', name: 'in two > is wrong too' },
    ];
    const all = await runTestFiles(files, {}, collect);
    t.strictSame(found.splice(0), [first, second]);
    t.strictSame(Object.keys(all.seconds), files);
    t.match(await runTestFiles(files, { TAP_GREP: grepOf('(one)') }, collect), {
      passed: 0,
      failures: [/wrong/],
    });
    t.strictSame(found.splice(0), [first]);
    t.match(await runTestFiles(files, { TAP_GREP: grepOf('three') }), { passed: 0, failures: [] });
  },
);

/** Writes into the folder of its test until its teardown ends that. */
const WRITES_ON = `import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
const folder = t.testdir({ a: {} });
let nth = 0;
let writing = setImmediate(function write() {
  for (let i = 0; i < 20; i++) writeFileSync(join(folder, 'a', String(nth++)), '');
  writing = setImmediate(write);
});
t.teardown(() => clearImmediate(writing));
t.test('one', async (t) => t.pass());
`;

t.test(
  'the folder of a test stays until its teardowns have ended who writes there, and no longer',
  async (t) => {
    const folder = t.testdir({ 'writes-on.test.ts': WRITES_ON });
    const file = relative(ROOT, join(folder, 'writes-on.test.ts'));
    const before = globSync('.tap/fixtures/*writes-on*', { cwd: ROOT });
    t.match(await runTestFiles([file]), { passed: 1, failures: [] });
    t.strictSame(globSync('.tap/fixtures/*writes-on*', { cwd: ROOT }), before);
  },
);

t.test('a teardown that fails is said, and ends a process that would stay', async (t) => {
  const stays = `import t from 'tap';\nsetInterval(() => {}, 1000);\nt.teardown(() => Promise.reject(new Error('own')));\nt.test('one', async (t) => t.pass());\n`;
  const folder = t.testdir({ 'stays.test.ts': stays });
  const { passed, failures } = await runTestFiles([relative(ROOT, join(folder, 'stays.test.ts'))]);
  t.match([passed, failures], [1, [/^a teardown failed/]]);
});
