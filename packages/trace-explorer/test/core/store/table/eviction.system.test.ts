import { DuckDBInstance } from '@duckdb/node-api';
import t from 'tap';
import { until } from '../../../../../../test/helpers/until.ts';
import type { SpanStore } from '../../../../src/core/store/store.ts';
import { openStore } from '../../../../src/core/store/store.ts';
import type { PlainSpan } from '../../../spans.ts';
import { randomId, storeSpans, temporaryDirectory, temporaryStore, WHOLE_FILE } from '../../../spans.ts';

const HOUR_MS = 3_600_000;

/** Eight spans of one trace with text that does not compress. */
function trace(service: string, traceId = randomId(16)): PlainSpan[] {
  return Array.from({ length: 8 }, () => ({ traceId, service, attributes: { payload: noise(300) } }));
}

function noise(bytes: number): string {
  return Buffer.from(crypto.getRandomValues(new Uint8Array(bytes))).toString('base64');
}

async function spansOfTraces(store: SpanStore): Promise<Map<string, number>> {
  const id = store.fields().get('trace.trace_id')?.sql;
  const { rows } = await store.read(`SELECT ${id}, count(*) FROM spans GROUP BY 1`);
  return new Map(rows.map(([trace, count]) => [String(trace), Number(count)]));
}

/** All that a closed store holds came so many milliseconds earlier. */
async function makeOlder(directory: string, ms: number): Promise<void> {
  const instance = await DuckDBInstance.create(`${directory}/explorer.duckdb`);
  const connection = await instance.connect();
  await connection.run(`UPDATE spans SET _received = _received - ${ms}000000`);
  connection.closeSync();
  instance.closeSync();
}

/** Resolves after the next eviction: the store looks at its size every few milliseconds here. */
function evicted(store: SpanStore, reason: 'bytes' | 'age'): Promise<true> {
  return until(() => store.stats().dropped[reason] > 0, { what: `an eviction because of ${reason}` });
}

t.test('over its cap the store drops whole traces, oldest first', async (t) => {
  const store = await temporaryStore(t, {
    maxBytes: 8_000_000,
    maintenanceIntervalMs: 20,
  });
  const [oldest, alive] = [randomId(16), randomId(16)];
  await storeSpans(store, [...trace('a', oldest), ...trace('a', alive)]);
  const sent: string[] = [];
  const fill = async () => {
    if (store.stats().dropped.bytes > 0) return true;
    const ids = Array.from({ length: 100 }, () => randomId(16));
    sent.push(...ids);
    // One old trace goes on.
    await storeSpans(store, [...ids.flatMap((id) => trace('b', id)), { traceId: alive }]);
    return false;
  };
  await until(fill, { what: 'an eviction while traces come in', everyMs: 0 });
  // Spans that were written during the eviction count as well.
  await until(() => store.stats().bytes <= store.stats().maxBytes);
  const stats = store.stats();
  const kept = await spansOfTraces(store);
  t.notOk(kept.has(oldest), 'the oldest trace is gone');
  t.ok((kept.get(alive) ?? 0) > 8, 'an old trace whose last span is new is kept whole');
  kept.delete(alive);
  t.same(new Set(kept.values()), new Set([8]), 'no trace is torn');
  t.notOk(kept.has(sent[0] ?? ''));
  t.ok(kept.has(sent.at(-1) ?? ''), 'the newest trace is kept');

  t.match(stats.notices[0], /reached its cap of 8 MiB: it dropped [\d,]+ spans of the oldest traces/);
  const { rows } = await store.read('SELECT count(*) FROM spans');
  t.equal(stats.spans, rows[0]?.[0]);
  const scopes = await store.read('SELECT count(*) FROM scopes WHERE id NOT IN (SELECT _scope FROM spans)');
  t.same(scopes.rows, [[0]]);
});

t.test('a trace is dropped when its last span has become too old, and not before', async (t) => {
  const directory = temporaryDirectory(t);
  const first = await openStore({ directory, ...WHOLE_FILE });
  const [old, alive] = [randomId(16), randomId(16)];
  await storeSpans(first, [...trace('a', old), ...trace('a', alive)]);
  await first.close();
  await makeOlder(directory, 2 * HOUR_MS);
  const later = await openStore({ directory });
  await storeSpans(later, [{ traceId: alive }]);
  await later.close();

  const second = await openStore({ directory, maxAgeMs: HOUR_MS, maintenanceIntervalMs: 10 });
  t.teardown(() => second.close());
  await evicted(second, 'age');
  const kept = await spansOfTraces(second);
  t.notOk(kept.has(old));
  t.equal(kept.get(alive), 9);
  t.equal(second.stats().dropped.age, 8);
});

t.test('a clock that jumps ahead drops nothing for an hour, and is told of', async (t) => {
  const { now } = Date;
  const running = performance.now;
  t.teardown(() => {
    Date.now = now;
    performance.now = running;
  });
  const failures: string[] = [];
  const store = await temporaryStore(t, {
    maintenanceIntervalMs: 10,
    onFailure: (_, error) => failures.push(String(error)),
  });
  await storeSpans(store, trace('a'));
  Date.now = () => now() + 240 * HOUR_MS;
  await until(() => store.stats().notices.length > 0);
  t.match(store.stats().notices, [
    /this machine's clock says \d{4}-\d\d-\d\d, so all stored data looks too old\. Set/u,
  ]);
  await storeSpans(store, trace('b'));
  Date.now = now;
  await until(() => store.stats().notices.length === 0);
  t.match(store.stats(), { spans: 16, dropped: { age: 0 } });
  t.equal(failures.length, 1, 'logged once');

  Date.now = () => now() + 480 * HOUR_MS;
  await until(() => store.stats().notices.length > 0);
  t.equal(store.stats().dropped.age, 0);
  performance.now = () => running.call(performance) + HOUR_MS;
  await evicted(store, 'age');
  await until(() => store.stats().spans === 0 && store.stats().notices.length === 0);
  t.match(store.stats(), { spans: 0, dropped: { age: 16 }, notices: [] });
});
