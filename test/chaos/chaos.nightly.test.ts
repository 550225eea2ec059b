import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import type { Results } from '../../scripts/lib/chaos/report.ts';
import { startNode } from '../helpers/processes.ts';
import { until } from '../helpers/until.ts';
import { foldersOf } from './chaos-run.ts';

t.test('a run keeps what the document promises, writes what it saw, and leaves nothing behind', async (t) => {
  const file = join(t.testdir(), 'reliability.md');
  const faults = ['user-lookup-refusing', 'trace-backend-503'];
  const child = startNode('.', ['scripts/chaos.ts', ...faults, '--file', file], {});
  t.equal(await child.exited, 0, child.output());
  const results: Results = JSON.parse(readFileSync(file.replace(/md$/, 'json'), 'utf8'));
  t.same(Object.keys(results), faults);
  for (const { broken } of Object.values(results)) t.same(broken, []);
  t.same(foldersOf(child), []);
});

t.test('faults in turn that are stopped: it cleans up, and writes no file', async (t) => {
  const file = join(t.testdir(), 'reliability.md');
  const child = startNode('.', ['scripts/chaos.ts', '--minutes', '480', '--file', file], {});
  await until(() => / as promised$/m.test(child.output()), { limitMs: 120_000, what: child.output });
  child.child.kill('SIGINT');
  child.child.kill('SIGTERM');
  t.equal(await child.exited, 130, child.output());
  t.match(child.output(), /^\d+ faults in turn: \d+ MiB, then \d+ MiB$/m);
  t.same(foldersOf(child), []);
  t.notOk(existsSync(file));
});
