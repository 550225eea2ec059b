import { existsSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { startNode } from '../helpers/processes.ts';
import { until } from '../helpers/until.ts';
import { foldersOf } from './chaos-run.ts';

t.test(
  'a run that is stopped, twice as under Ctrl+C, cleans up and says nothing of what it did not see',
  async (t) => {
    const file = join(t.testdir(), 'reliability.md');
    const child = startNode('.', ['test/chaos/main.ts', 'user-lookup-slow', '--file', file], {});
    await until(() => foldersOf(child).length > 0, { limitMs: 60_000 });
    child.child.kill('SIGINT');
    child.child.kill('SIGTERM');
    t.equal(await child.exited, 130, child.output());
    t.same(foldersOf(child), []);
    t.notOk(existsSync(file));
  },
);
