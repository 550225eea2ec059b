import t from 'tap';
import type { SpanStore } from '../../../src/store/types.ts';
import { readSummaries } from '../../../src/traces/list/summaries.ts';

const SERVICES = 200_000;

t.test('a trace has any number of services', async (t) => {
  const start = 1_790_000_000_000_000_000n;
  const parts = Array.from({ length: SERVICES }, (_, n) => [
    't',
    `s${n}`,
    1,
    0,
    start,
    start + 1n,
    null,
    null,
    null,
    'id',
    'name',
    n === 7 ? 4 : 1,
    1,
  ]);
  const store = {
    fields: () => new Map(),
    sampleRate: () => undefined,
    read: async (sql: string) => ({ columns: [], rows: sql.startsWith('WITH') ? parts : [[1, 1]] }),
  } as unknown as SpanStore;
  const [summary] = await readSummaries(store, ['t']);
  t.match(summary, { trace_id: 't', spans: SERVICES, sample_rate: 4 });
});
