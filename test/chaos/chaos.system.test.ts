import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import type { Results } from '../../scripts/lib/chaos/report.ts';
import { REPORT, reportOf } from '../../scripts/lib/chaos/report.ts';
import { startNode } from '../helpers/processes.ts';
import { until } from '../helpers/until.ts';
import { foldersOf } from './chaos-run.ts';

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

t.test('the document has a row for every fault, with its promise and what was seen last', async (t) => {
  const results: Results = JSON.parse(readFileSync(REPORT.replace(/\.md$/, '.json'), 'utf8'));
  t.equal(readFileSync(REPORT, 'utf8'), reportOf(results), '`node tandem chaos FAULT` writes it');
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
