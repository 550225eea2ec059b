import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t from 'tap';
import { PARTS } from '../../scripts/lib/chaos/faults/index.ts';
import type { TestProcess } from '../helpers/processes.ts';
import { ROOT, startNode } from '../helpers/processes.ts';
import { until } from '../helpers/until.ts';

const FAULTS = PARTS.flatMap(({ faults }) => faults.map(({ name }) => name));

/** The first row of a fault, of which the last cell is the command. */
function verdictsOf(file: string): Map<string, string> {
  const rows = readFileSync(file, 'utf8').matchAll(/^\| `([\w-]+)` \|.*`node tandem chaos ([^`]+)` \|$/gm);
  return new Map(Array.from(rows, ([row, name = '']) => [name, row]));
}

/** Folders of a run that are there. */
function foldersOf({ child }: TestProcess): string[] {
  return readdirSync(tmpdir()).filter((name) => name.startsWith(`tandem-chaos-${child.pid}-`));
}

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

t.test(
  'a run that is stopped, twice as under Ctrl+C, cleans up and says nothing of what it did not see',
  async (t) => {
    const file = join(t.testdir(), 'reliability.md');
    const child = startNode('.', ['scripts/chaos.ts', 'user-lookup-slow', '--file', file], {});
    await until(() => foldersOf(child).length > 0, { limitMs: 60_000 });
    child.child.kill('SIGINT');
    child.child.kill('SIGTERM');
    t.equal(await child.exited, 130, child.output());
    t.same(foldersOf(child), []);
    t.notOk(existsSync(file));
  },
);

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

t.test('the document has a row for every fault, and for no other', async (t) => {
  const rows = verdictsOf(join(ROOT, 'docs', 'reliability.md'));
  t.same([...rows.keys()].toSorted(), [...FAULTS, 'mixed'].toSorted());
});

t.test('an option that makes no sense is one line, and how it is used', async (t) => {
  for (const [args, message] of [
    [['user-lookup-dead', 'nothing-such'], /There is no fault "nothing-such"/],
    [['--minutes', 'ten'], /--minutes takes/],
    [['--minutes', '5', '--seed', '1.5'], /--seed takes/],
  ] as const) {
    const child = startNode('.', ['scripts/chaos.ts', ...args], {});
    t.equal(await child.exited, 2);
    t.match(child.output(), message);
    t.match(child.output(), /Usage: /);
  }
});
