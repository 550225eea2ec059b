import { join } from 'node:path';
import t from 'tap';
import { INSTALL_TIMEOUT_MS } from '../../../../../test/helpers/npm.ts';
import { ALL_DATASETS } from '../../../src/core/query/parse/all-datasets.ts';
import { parseQuery } from '../../../src/core/query/parse/parse-query.ts';
import { runQuery } from '../../../src/core/query/run/run-query.ts';
import { runCli } from '../../core/command/run-cli.ts';
import type { PlainSpan } from '../../spans.ts';
import { randomId, storeSpans, temporaryDirectory, temporaryStore } from '../../spans.ts';
import { installChdb, startChdb } from './chdb.ts';
import { createTables, insertSpans } from './exporter-tables.ts';

t.setTimeout(4 * INSTALL_TIMEOUT_MS);

const folder = t.testdir();
await installChdb(folder);

const start = BigInt(Date.now() - 1_200_000) * 1_000_000n;
const spans = Array.from({ length: 60 }, (_, n): PlainSpan[] => {
  const [traceId, root] = [randomId(16), randomId(8)];
  const below = { 'db.system.name': n % 4 === 0 ? 'redis' : 'postgresql', items: n % 6, ok: n % 2 === 0 };
  return [
    {
      traceId,
      spanId: root,
      start,
      kind: 2,
      service: 'shop',
      name: 'GET /',
      durationMs: n,
      status: n % 9 === 0 ? 2 : 0,
      attributes: { "o'clock\\": `${n}` },
    },
    {
      traceId,
      spanId: randomId(8),
      parentSpanId: root,
      start: start + 1000n,
      kind: 3,
      service: n % 5 === 0 ? 'checkout' : 'cart',
      name: `SELECT ${n % 3}`,
      attributes: below,
      resource: { 'host.name': `host-${n % 7}` },
    },
  ];
}).flat();

const FILTERS = [
  [{ column: 'service.name', op: '=', value: 'checkout' }],
  [
    { column: 'name', op: 'starts-with', value: 'SELECT 1' },
    { column: 'db.system.name', op: '!=', value: 'redis' },
  ],
  [{ column: 'duration_ms', op: '>', value: 41.5 }],
  [{ column: 'error', op: '=', value: true }],
  [
    { column: 'error', op: 'does-not-exist' },
    { column: 'span.kind', op: '=', value: 'server' },
  ],
  [{ column: 'items', op: '>=', value: 4 }],
  [{ column: 'items', op: 'in', value: [1, 5] }],
  [{ column: 'ok', op: '=', value: false }],
  [{ column: 'host.name', op: 'ends-with', value: '-3' }],
  [{ column: "o'clock\\", op: 'contains', value: '5' }],
  [{ column: 'status_code', op: '=', value: 2 }],
  [
    { column: 'host.name', op: 'exists' },
    { column: 'items', op: 'does-not-exist' },
  ],
  [
    { column: 'trace.parent_id', op: 'exists' },
    { column: 'db.system.name', op: 'does-not-contain', value: 'red' },
  ],
];

for (const form of ['0.165', 'json'] as const)
  t.test(`--where finds the traces that the explorer's own filters find: ${form}`, async (t) => {
    const [engine, store] = [await startChdb(t, folder), await temporaryStore(t)];
    for (const sql of [...createTables(form), insertSpans(spans, form)]) await engine.ask(sql);
    await storeSpans(store, spans);
    for (const filters of FILTERS)
      for (const filter_combination of ['AND', 'OR'] as const) {
        const query = {
          calculations: [{ op: 'COUNT_DISTINCT', column: 'trace.trace_id' }],
          filters,
          filter_combination,
        };
        const { results } = await runQuery(store, ALL_DATASETS, parseQuery(query), { disableSeries: true });
        const file = join(temporaryDirectory(t), 'pull.gz');
        const where = JSON.stringify({ filters, filter_combination });
        const { out, error } = await runCli('pull', [engine.address, '--save', file, '--where', where]);
        const found = Number(/: (\d+) traces? of/.exec(out + error)?.[1] ?? 0);
        t.equal(found, results[0]?.data['COUNT_DISTINCT(trace.trace_id)'] ?? 0, `${where}\n${error}`);
      }
  });
