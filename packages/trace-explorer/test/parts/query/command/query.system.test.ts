import { writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import t from 'tap';
import { runCli } from '../../../core/command/run-cli.ts';
import { temporaryExplorer } from '../../../explorer.ts';
import { storeSpans, temporaryDirectory } from '../../../spans.ts';
import { makeRun, randomFrom } from '../../report/server/compare/make-run.ts';

const { app, store } = await temporaryExplorer(t);
await app.listen({ port: 0, host: '127.0.0.1' });
const url = `http://127.0.0.1:${(app.server.address() as AddressInfo).port}`;
await storeSpans(store, makeRun('main', randomFrom(7)));
const folder = temporaryDirectory(t);
const file = join(folder, 'routes.json');

/** Writes a query about all times to a file, and runs it. */
async function query(spec: object, ...args: string[]) {
  writeFileSync(file, JSON.stringify({ start_time: 1, end_time: 4_000_000_000, ...spec }));
  return await runCli('query', [file, '--url', url, ...args]);
}

const BY_SERVICE = {
  calculations: [{ op: 'COUNT' }],
  filters: [{ column: 'http.route', op: 'exists' }],
  breakdowns: ['service.name'],
  orders: [{ column: 'service.name', order: 'ascending' }],
};

t.test('a query prints a line with the names of its fields, and a line for each row', async (t) => {
  const { code, out } = await query(BY_SERVICE);
  t.equal(code, 0);
  t.match(out, /^service\.name {2}COUNT\napi {11}300\nusers {9}\d+\n$/);
});

t.test('--json prints the answer of the API, --dataset asks about one service', async (t) => {
  const { code, out } = await query(BY_SERVICE, '--json', '--dataset', 'api');
  t.equal(code, 0);
  t.strictSame(
    JSON.parse(out).data.results.map(({ data }: { data: object }) => data),
    [{ 'service.name': 'api', COUNT: 300 }],
  );
});

t.test('a heatmap is JSON', async (t) => {
  const { out } = await query({ calculations: [{ op: 'HEATMAP', column: 'duration_ms' }, { op: 'COUNT' }] });
  t.match(out, /^HEATMAP\(duration_ms\) +COUNT\n\{"counts":\[[\d,]+\],.*\} +\d+\n$/);
});

t.test('a result that is cut says so beside its rows', async (t) => {
  const cut = await query({ ...BY_SERVICE, limit: 1 });
  t.match(cut, {
    out: /^service\.name .*\napi .*\n$/,
    error: /^The first 1 rows: there may be more\. .*10000\.\n$/,
  });
  t.equal((await query({ ...BY_SERVICE, limit: 3 })).error, '');
});

t.test('a query that fits no event says so', async (t) => {
  const { code, out } = await query({ ...BY_SERVICE, start_time: 1, end_time: 2 });
  t.match({ code, out }, { code: 0, out: /^No row: / });
});

t.test('a file that cannot be read, a query that is refused and a missing file end with 1', async (t) => {
  t.match(await runCli('query', [join(folder, 'none.json'), '--url', url]), {
    code: 1,
    error: /none\.json cannot be read: /,
  });
  t.match(await query({ calculations: [{ op: 'MEAN' }] }), { code: 1, error: /MEAN/ });
  t.match(await runCli('query', ['--url', url]), { code: 1, error: /^Name one file\.\n/ });
});
