import { availableParallelism } from 'node:os';
import t from 'tap';
import { startNode } from '../../../../../../test/helpers/processes.ts';
import type { RunReport } from '../../../../src/parts/report/server/schemas.ts';
import { assertPlanted, command, plantedRuns } from '../../../core/command/planted.ts';

const REPEATS = 20;
/** Keeps a processor busy. */
const BUSY = 'setInterval(() => new Array(1e6).fill(0).map(Math.sqrt))';

t.setTimeout(1_800_000);
t.test(
  `ten planted changes are said ${REPEATS} times of ${REPEATS} on a busy machine, and nothing else`,
  async (t) => {
    const work = t.testdir({ 'package.json': '{}' });
    const load = Array.from({ length: availableParallelism() }, () => startNode('.', ['-e', BUSY], {}));
    t.teardown(() => Promise.all(load.map((each) => each.stop('SIGKILL'))));
    for (let repeat = 0; repeat < REPEATS; repeat++) {
      const [base, head] = await plantedRuns(t, work, String(repeat));
      const { out, err } = await command(t, work, ['report', head, '--base', base, '--json']);
      assertPlanted(t, JSON.parse(out || err) as RunReport);
    }
  },
);
