import t from 'tap';
import type { RefineryRun } from '../../../../../src/parts/sampling/server/decide/refinery.ts';
import { deterministic } from '../../../../../src/parts/sampling/server/decide/refinery.ts';

t.test('a rate of 1 keeps every trace, and says always; from 2 on, it is by chance', async (t) => {
  const run = { traceIds: ['a'.repeat(32), 'b'.repeat(32)] } as unknown as RefineryRun;
  for (const trace of [0, 1]) {
    t.same(deterministic(1)(run)(trace, 0), { kept: 1, rate: 1, rule: 'deterministic/always' });
    t.match(deterministic(2)(run)(trace, 0), { rate: 2, rule: 'deterministic/chance' });
  }
});
