import { join, relative } from 'node:path';
import t from 'tap';
import { ROOT } from '../scripts/lib/root.ts';
import { runTestFiles } from '../scripts/lib/run-test-files.ts';

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
