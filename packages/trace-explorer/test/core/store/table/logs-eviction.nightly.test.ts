import { randomBytes } from 'node:crypto';
import t from 'tap';
import { until } from '../../../../../../test/helpers/until.ts';
import { randomId, storeLogs, storeSpans, temporaryStore } from '../../../spans.ts';

t.test(
  'age drops a trace together with its log records, and records without a trace by themselves',
  async (t) => {
    const store = await temporaryStore(t, { maxAgeMs: 1_500, maintenanceIntervalMs: 10 });
    const [gone, kept] = [randomId(16), randomId(16)];
    await storeSpans(store, [{ traceId: gone }, { traceId: kept }]);
    await storeLogs(store, [
      { traceId: gone, body: 'a' },
      { traceId: kept, body: 'b' },
      { body: 'old, of no trace' },
    ]);
    // As far apart from the others in the order of arrival as two blocks of records that go together.
    await storeLogs(
      store,
      Array.from({ length: 1_024 }, () => ({ service: 'other', body: 'filler' })),
    );
    await until(
      async () => {
        await storeLogs(store, [{ traceId: kept, body: 'still going on' }, { body: 'new, of no trace' }]);
        return store.stats().dropped.age > 0 && store.stats().droppedLogs.age > 0;
      },
      { what: 'an eviction because of age', everyMs: 50 },
    );
    const { rows } = await store.read(
      `SELECT DISTINCT ${store.fields().get('body')?.sql} AS body FROM spans WHERE _span IS NOT NULL ORDER BY body NULLS FIRST`,
    );
    const bodies = rows.flat();
    t.ok(bodies.includes(null), 'the span of the trace that goes on');
    t.ok(bodies.includes('b'), 'its first log record, too');
    t.ok(bodies.includes('new, of no trace'));
    t.notOk(bodies.includes('a'));
    t.notOk(bodies.includes('old, of no trace'));
  },
);

t.test('a flood of records without a trace loses its oldest, not all of itself', async (t) => {
  const store = await temporaryStore(t, {
    maxBytes: 8_000_000,
    maintenanceIntervalMs: 20,
  });
  const traceId = randomId(16);
  await storeSpans(store, [{ traceId, service: 'quiet' }]);
  await storeLogs(store, [{ traceId, service: 'quiet', body: 'of the trace' }]);
  let sent = 0;
  await until(
    async () => {
      if (store.stats().droppedLogs.bytes > 0) return true;
      const records = Array.from({ length: 1_000 }, () => ({
        service: 'noisy',
        body: randomBytes(300).toString('base64'),
        attributes: { number: ++sent },
      }));
      await storeLogs(store, records);
      return false;
    },
    { what: 'an eviction while log records come in', everyMs: 0 },
  );
  const number = store.fields().get('number')?.sql;
  const { rows } = await store.read(
    `SELECT count(*), min(${number}), max(${number}) FROM spans WHERE _dataset = 'noisy'`,
  );
  const [count, first, last] = (rows[0] ?? []).map(Number);
  t.equal(last, sent, 'the newest is there');
  t.ok((first ?? 0) > 1, 'the oldest are gone');
  t.ok((count ?? 0) > sent / 3, `${count} of ${sent} are left`);
  t.match(
    store.stats().notices.join('\n'),
    /reached its cap of 8 MiB: it dropped [\d,]+ of the oldest log records/,
  );
  const quiet = await store.read("SELECT count(*) FROM spans WHERE _dataset = 'quiet'");
  t.same(quiet.rows, [[0]], 'a trace that is older than the flood is gone, with its log record');
});
