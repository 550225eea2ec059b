import { existsSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { ROOT, startNode } from '../helpers/processes.ts';
import { until } from '../helpers/until.ts';
import { FAULTS, foldersOf, verdictsOf } from './chaos-run.ts';

t.test('a short run keeps what the document promises, and leaves nothing behind', async (t) => {
  const file = join(t.testdir(), 'reliability.md');
  const child = startNode(
    '.',
    ['scripts/chaos.ts', 'user-lookup-refusing', 'trace-backend-503', '--short', '--file', file],
    {},
  );
  t.equal(await child.exited, 0, child.output());
  const promised = verdictsOf(join(ROOT, 'docs', 'reliability.md'));
  const seen = verdictsOf(file);
  t.same([...seen.keys()], ['user-lookup-refusing', 'trace-backend-503']);
  for (const [name, row] of seen) t.equal(row, promised.get(name), name);
  t.same(foldersOf(child), []);
});

t.test('mixed load that is stopped says what it has seen, cleans up, and writes no file', async (t) => {
  const file = join(t.testdir(), 'reliability.md');
  const child = startNode('.', ['scripts/chaos.ts', '--hours', '8', '--file', file], {});
  const isFaulty = () => FAULTS.some((name) => child.output().includes(` ${name}\n`));
  await until(isFaulty, { limitMs: 120_000 });
  child.child.kill('SIGINT');
  child.child.kill('SIGTERM');
  t.equal(await child.exited, 130, child.output());
  t.match(child.output(), /^Stopped after \d\.\d of 480 minutes; no file is written\. Until then:$/m);
  t.match(child.output(), /^ {2}faults: 1\n {2}answers: \d+ × 200/m);
  t.same(foldersOf(child), []);
  t.notOk(existsSync(file));
});
