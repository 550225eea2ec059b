import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { endingOf } from '../../../../../src/parts/run/command/ending/ending.ts';
import type { Target } from '../../../../../src/parts/run/command/target.ts';
import { mayFill } from '../../../../../src/parts/run/command/unreached.ts';
import { temporaryDirectory } from '../../../../spans.ts';

/** An explorer whose counts of traces are these, one after the other; the last one stays. */
function explorerWith(...counts: number[]): Target {
  const ask = async (path: string) => {
    if (path.startsWith('/1/columns')) return [];
    if (path === '/api/runs') return { runs: [] };
    if (path.startsWith('/1/queries')) return { id: 'q' };
    const traces = counts.length > 1 ? counts.shift() : counts[0];
    return { data: { results: [{ data: { traces, failed: 0 } }] } };
  };
  return { client: { url: 'http://localhost:1', ask }, endpoint: '' } as unknown as Target;
}

t.test('spans that are under way when a run has ended are asked for again', async (t) => {
  const uses = join(temporaryDirectory(t), 'uses');
  writeFileSync(uses, `${JSON.stringify({ pid: 1, file: 'app.js', use: 'server' })}\n`);
  const ended = {
    id: 'r',
    since: 0,
    agent: undefined,
    exitCode: 0,
    last: undefined,
    command: ['node'],
    uses,
  };
  const ending = async (target: Target) =>
    (await endingOf([], target, { ...ended, env: {}, said: new Set(), isKept: true })).text;
  t.match(await ending(explorerWith(0)), /its spans did not arrive/);
  const late = await ending(explorerWith(0, 3));
  t.match(late, /3 traces arrived meanwhile/);
  t.notMatch(late, /did not arrive/);
});

t.test('an empty environment is believed when a later look finds it, too', async (t) => {
  const empty = new Map<number, number>();
  t.equal(mayFill(empty, 7, 1000), true);
  t.equal(mayFill(empty, 8, 1300), true);
  t.equal(mayFill(empty, 7, 1200), true);
  t.equal(mayFill(empty, 7, 1400), false);
  t.equal(mayFill(empty, 8, 1400), true, 'of each process by itself');
});
