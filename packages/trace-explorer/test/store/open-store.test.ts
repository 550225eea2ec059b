import { statSync } from 'node:fs';
import t from 'tap';
import { openStore } from '../../src/store/open-store.ts';
import { decoded, randomId, storeSpans, temporaryDirectory, temporaryStore } from '../spans.ts';

t.test('spans are readable as soon as they are acknowledged', async (t) => {
  const store = await temporaryStore(t);
  const traceId = randomId(16);
  const written = await store.write(
    decoded([
      { traceId, name: 'parent', durationMs: 12.5, attributes: { 'app.now': 'x', n: 1 } },
      { traceId, name: 'child', events: [{ name: 'exception', attributes: { 'exception.type': 'E' } }] },
    ]),
  );
  t.same(written, { rows: 3, spans: 2 });
  const trace = store.fields().get('trace.trace_id')?.sql;
  const name = store.fields().get('name')?.sql;
  const { columns, rows } = await store.read(
    `SELECT ${name} AS name, _seq FROM spans WHERE ${trace} = $1 ORDER BY _seq`,
    [traceId],
  );
  t.same(columns, ['name', '_seq']);
  t.same(rows, [
    ['parent', 1],
    ['child', 2],
    ['exception', 3],
  ]);
  t.same(store.stats().spans, 2);
  t.match(await store.datasets(), [{ name: 'test-service', spans: 3 }]);
  t.ok(store.datasetFields('test-service').has('app.now'));
});

t.test('spans, fields and counts survive a restart', async (t) => {
  const directory = temporaryDirectory(t);
  const first = await openStore({ directory });
  await storeSpans(first, [{ attributes: { 'App.now': 'upper', 'app.now': 'lower', big: 2n ** 60n } }]);
  await first.close();
  t.equal(statSync(directory).mode & 0o777, 0o700);

  const second = await openStore({ directory });
  t.teardown(() => second.close());
  const fields = second.fields();
  const { rows } = await second.read(
    `SELECT ${fields.get('App.now')?.sql}, ${fields.get('app.now')?.sql}, ${fields.get('big')?.sql} FROM spans`,
  );
  t.same(rows, [['upper', 'lower', 2n ** 60n]]);
  await storeSpans(second, [{}]);
  t.same((await second.read('SELECT _seq FROM spans ORDER BY 1')).rows, [[1], [2]]);
});
