import { readFileSync } from 'node:fs';
import t from 'tap';
import { startNode } from '../helpers/processes.ts';
import type { Results } from './report.ts';
import { REPORT, reportOf } from './report.ts';

t.test('the document has a row for every fault, with its promise and the last result', async (t) => {
  const results: Results = JSON.parse(readFileSync(REPORT.replace(/\.md$/, '.json'), 'utf8'));
  t.equal(readFileSync(REPORT, 'utf8'), reportOf(results), '`node tandem chaos FAULT` writes it');
});

t.test('a senseless option is answered with one line and the usage', async (t) => {
  for (const [args, message] of [
    [['user-lookup-dead', 'nothing-such'], /There is no fault "nothing-such"/],
    [['--minutes'], /Unknown option '--minutes'/],
  ] as const) {
    const child = startNode('.', ['test/chaos/main.ts', ...args], {});
    t.equal(await child.exited, 2);
    t.match(child.output(), message);
    t.match(child.output(), /Usage: /);
  }
});
