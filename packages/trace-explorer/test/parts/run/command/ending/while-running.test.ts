import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Test } from 'tap';
import t from 'tap';
import { until } from '../../../../../../../test/helpers/until.ts';
import { sayUntraced } from '../../../../../src/parts/run/command/ending/while-running.ts';
import type { Seen } from '../../../../../src/parts/run/command/watch.ts';
import { temporaryDirectory } from '../../../../spans.ts';

// Alone in its process: it reads what is written to standard error.

const LISTEN: Seen = { pid: 1, file: 'app.js', use: 'listen', name: 'http://localhost:3000/' };
const HINT = 'No request yet. Try: curl http://localhost:3000/\n';

/** What is said of processes that wrote this down, and how they write more. */
function saidOf(t: Test, seen: readonly Seen[], isForPerson = true) {
  const uses = join(temporaryDirectory(t), 'uses');
  const add = (each: Seen) => appendFileSync(uses, `${JSON.stringify(each)}\n`);
  seen.forEach(add);
  let text = '';
  const { write } = process.stderr;
  process.stderr.write = (chunk) => {
    text += chunk;
    return true;
  };
  const stop = sayUntraced(uses, isForPerson, 0);
  t.teardown(() => {
    stop();
    process.stderr.write = write;
  });
  return { add, text: () => text, stop };
}

t.test('a server that nobody asks is said once, with how to ask it', async (t) => {
  const said = saidOf(t, [LISTEN, { ...LISTEN, name: 'http://localhost:9229/' }]);
  await until(() => said.text() !== '', {});
  said.add({ pid: 2, file: 'old.js', use: 'untraced', name: 'it is old' });
  await until(() => said.text().includes('old.js'), {});
  t.equal(said.text(), `${HINT}old.js was not traced: it is old.\n`);
});

t.test('a process that cannot be traced is not said within the output of tests', async (t) => {
  const said = saidOf(t, [
    { pid: 1, file: '/a/node_modules/vitest/vitest.mjs', use: 'start' },
    { pid: 2, file: 'vitest-watchdog', use: 'untraced', name: 'it was started without the options' },
  ]);
  await sleep(1_200); // two looks
  t.equal(said.text(), '');
  t.same(said.stop(), new Set(), 'the ending says it');
});

for (const [name, seen, isForPerson] of [
  ['a server that was asked', [LISTEN, { ...LISTEN, use: 'server' }], true],
  ['tests', [LISTEN, { ...LISTEN, use: 'tests' }], true],
  ['Jest', [LISTEN, { ...LISTEN, use: 'start', file: '/a/node_modules/jest/bin/jest.js' }], true],
  ['no server', [{ ...LISTEN, use: 'start' }], true],
  ['nobody who reads along', [LISTEN], false],
] as const)
  t.test(`nothing is said of ${name}`, async (t) => {
    const said = saidOf(t, seen as readonly Seen[], isForPerson);
    await sleep(1_200); // two looks
    t.notMatch(said.text(), 'No request yet');
  });
