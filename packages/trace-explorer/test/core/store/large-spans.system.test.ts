import { decodeTraces } from '@tandem/otlp';
import t from 'tap';
import { until } from '../../../../../test/helpers/until.ts';
import { cutText } from '../../../src/core/fields/truncate.ts';
import { openStore } from '../../../src/core/store/store.ts';
import { exportTraces } from '../../../src/core/traces/forms/export-trace.ts';
import { readStoredSpan } from '../../../src/core/traces/read/stored-span.ts';
import { randomId, storeSpans, temporaryDirectory, temporaryStore } from '../../spans.ts';
import { afterKill, MEMORY_MB, noise, promptOf, span } from './large-span.ts';

t.test('spans of every size are stored, and are there after a kill', async (t) => {
  const directory = temporaryDirectory(t);
  const options = { memoryMb: MEMORY_MB };
  const store = await openStore({ directory, ...options });
  t.teardown(() => store.close());
  // Around what stays in a row, a part, several parts; then single spans of an eighth of the memory.
  const small = [1, 4_096, 7_900, 8_000, 8_100, 8_192, 12_288, 100_000].map((bytes) => span(bytes));
  const huge = Array.from({ length: 4 }, () => span(3_900_000));
  await storeSpans(store, small);
  for (const each of huge) await storeSpans(store, [each]);
  for (const from of [store, await afterKill(t, directory, options)]) {
    t.equal(from.stats().spans, small.length + huge.length);
    for (const each of [...small, ...huge]) {
      t.ok((await promptOf(from, each)) === each.attributes?.prompt, 'as it was sent');
    }
  }
});

t.test('many spans with large attributes leave the store in order, run after run', async (t) => {
  const directory = temporaryDirectory(t);
  const options = { memoryMb: MEMORY_MB };
  const traceId = randomId(16);
  const failures: unknown[] = [];
  let stored = 0;
  for (let run = 0; run < 2; run++) {
    const store = await openStore({ directory, ...options, onFailure: (_, error) => failures.push(error) });
    t.equal(store.stats().spans, stored);
    for (let batch = 0; batch < 6; batch++) {
      await storeSpans(
        store,
        Array.from({ length: 20 }, (_, n) => span(n % 4 === 0 ? 40_000 : 100_000, { traceId })),
      );
      stored += 20;
    }
    await store.close();
  }
  const store = await openStore({ directory, ...options });
  t.teardown(() => store.close());
  const prompt = store.fields().get('prompt')?.sql;
  const { rows } = await store.read(`SELECT count(*), count(DISTINCT ${prompt}) FROM spans`);
  t.same(rows, [[stored, stored]]);
  t.same(failures, []);
});

t.test('a trace of large spans is exported whole', async (t) => {
  const store = await temporaryStore(t);
  const traceId = randomId(16);
  const spans = [span(3_000_000, { traceId }), span(10, { traceId }), span(3_900_000, { traceId })];
  await storeSpans(store, spans);
  let text = '';
  for await (const piece of exportTraces(store, [traceId])) text += piece;
  const { scopeSpans } = decodeTraces(Buffer.from(text), 'json');
  const prompts = scopeSpans.flatMap((group) =>
    group.spans.map(({ attributes }) => attributes.find(({ key }) => key === 'prompt')?.value),
  );
  t.equal(prompts.length, 3);
  for (const { attributes } of spans) t.ok(prompts.some((prompt) => prompt === attributes?.prompt));
});

t.test('a large resource is stored once and read back, also after a kill', async (t) => {
  const directory = temporaryDirectory(t);
  const options = { memoryMb: MEMORY_MB };
  const store = await openStore({ directory, ...options });
  t.teardown(() => store.close());
  const resource = { 'process.command_args': noise(1_000_000) };
  const spans = Array.from({ length: 4 }, () => span(10, { resource }));
  for (const each of spans) await storeSpans(store, [each]);
  const after = await afterKill(t, directory, options);
  t.same((await after.read('SELECT count(*) FROM scopes')).rows, [[1]]);
  for (const { traceId, spanId } of spans) {
    const { stored } = await readStoredSpan(after, traceId, spanId);
    const value = stored?.resource.attributes.find(({ key }) => key === 'process.command_args')?.value;
    t.ok(value === resource['process.command_args']);
  }
});

t.test('a long text is cut in its field, and says how long it was; different ones stay apart', async (t) => {
  const store = await temporaryStore(t);
  const same = 'x'.repeat(10_000);
  const texts = [same, same, `${same.slice(1)}y`, `${'x'.repeat(9_999)}é`, 'x'.repeat(100_000)];
  await storeSpans(
    store,
    texts.map((text) => ({ attributes: { text } })),
  );
  const { rows } = await store.read(`SELECT ${store.fields().get('text')?.sql} FROM spans ORDER BY _seq`);
  const cut = rows.map(([text]) => String(text));
  t.equal(cut[0], cut[1]);
  t.equal(new Set(cut).size, 4);
  t.match(cut[0], /^x{4000,}… \(10000 bytes, sha256 [0-9a-f]{12}\)$/u);
  t.match(cut[3], / \(10001 bytes, /u);
  t.match(cut[4], / \(at least 65535 bytes, /u);
  for (const text of cut) t.ok(Buffer.byteLength(text) <= 4_095);
  t.equal(cut[0], cutText(same));
});

t.test('text is cut between characters', async (t) => {
  for (const character of ['a', 'é', '€', '😀']) {
    for (let shift = 0; shift < 4; shift++) {
      const cut = cutText('b'.repeat(shift) + character.repeat(5_000));
      t.ok(Buffer.byteLength(cut) <= 4_095);
      t.notMatch(cut, '\ufffd');
      t.match(cut, /… \(\d+ bytes, sha256 [0-9a-f]{12}\)$/u);
    }
  }
  t.equal(cutText('x'.repeat(4_095)), 'x'.repeat(4_095));
});

t.test('a row of many long texts and names keeps what the explorer needs, and a bound', async (t) => {
  const store = await temporaryStore(t, { maxColumns: 200 });
  const attributes = Object.fromEntries(
    Array.from({ length: 1_000 }, (_, n) => [`${n} ${'name'.repeat(50)}`, noise(1_000)]),
  );
  const traceId = randomId(16);
  await storeSpans(store, [{ traceId, name: 'wide', attributes, statusMessage: 'last' }]);
  const sqls = [...store.fields().values()].filter(({ spilled }) => !spilled).map(({ sql }) => sql);
  const { rows } = await store.read(
    `SELECT ${sqls.map((sql) => `coalesce(strlen(CAST(${sql} AS VARCHAR)), 0)`).join(' + ')}, strlen(_overflow),
      ${store.fields().get('trace.trace_id')?.sql}, ${store.fields().get('name')?.sql}, octet_length(_span) FROM spans`,
  );
  const [texts, spilled, ...core] = rows[0] ?? [];
  t.ok(Number(texts) < 66_000, `${texts} bytes of text`);
  t.ok(Number(spilled) < 132_000, `${spilled} bytes of other fields`);
  t.same(core, [traceId, 'wide', 32]);
});

t.test('two large spans with one id are told apart by their content', async (t) => {
  const store = await temporaryStore(t);
  const one = span(20_000, { start: BigInt(Date.now()) * 1_000_000n });
  await storeSpans(store, [one, one, { ...one, attributes: { prompt: noise(20_000) } }]);
  t.equal((await readStoredSpan(store, one.traceId, one.spanId, 2)).copies, 2);
});

t.test('what is evicted goes with its parts', async (t) => {
  const directory = temporaryDirectory(t);
  const first = await openStore({ directory });
  const resource = { long: noise(20_000) };
  await storeSpans(first, [span(50_000, { resource }), span(50_000)]);
  await first.close();
  await new Promise((resolve) => setTimeout(resolve, 30));
  const store = await openStore({ directory, maxAgeMs: 1_000, maintenanceIntervalMs: 10 });
  t.teardown(() => store.close());
  await storeSpans(store, [span(10)]);
  await until(() => store.stats().dropped.age >= 2);
  t.same((await store.read('SELECT count(*) FROM parts')).rows, [[0]]);
});
