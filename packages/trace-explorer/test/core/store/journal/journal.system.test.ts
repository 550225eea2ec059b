import {
  cpSync,
  linkSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { deflateSync, gzipSync, zstdCompressSync } from 'node:zlib';
import { encodeLogs, encodeTraces } from '@tandem/otlp';
import { decodedLogs } from '@tandem/otlp/testing';
import type { Test } from 'tap';
import t from 'tap';
import { until } from '../../../../../../test/helpers/until.ts';
import { Intake } from '../../../../src/core/receiver/intake.ts';
import { Acknowledged } from '../../../../src/core/store/journal/acknowledged.ts';
import type { JournalRecord } from '../../../../src/core/store/journal/journal.ts';
import { findRecords, Journal } from '../../../../src/core/store/journal/journal.ts';
import type { SpanStore, StoreOptions } from '../../../../src/core/store/store.ts';
import { openStore } from '../../../../src/core/store/store.ts';
import { decoded, randomId, storeLogs, storeSpans, temporaryDirectory } from '../../../spans.ts';
import { afterKill, copyStore } from '../large-span.ts';

function segments(directory: string): string[] {
  return readdirSync(directory).filter((name) => name.endsWith('.journal'));
}

/** The byte after a segment's last record. */
function endOf(bytes: Buffer): number {
  return bytes.byteLength - findRecords(bytes).tail.byteLength;
}

async function open(t: Test, directory: string, options: Partial<StoreOptions> = {}): Promise<SpanStore> {
  const store = await openStore({ directory, ...options });
  t.teardown(() => store.close());
  return store;
}

/** Everything that rows are made of, with the fields by name: columns may have been added in another order. */
async function allRows(store: SpanStore) {
  const fields = [...store.fields()].toSorted(([a], [b]) => (a < b ? -1 : 1));
  const { rows } = await store.read(
    `SELECT _seq, _time, _received, _dataset, _bytes, hex(_span), hex(resource), hex(scope), resource_schema_url,
      ${fields.map(([, { sql }]) => sql).join(', ')}
     FROM spans JOIN scopes ON _scope = scopes.id ORDER BY _seq`,
  );
  return { names: fields.map(([name]) => name), rows };
}

t.test('what was acknowledged comes back after a kill as it was, to the number and the time', async (t) => {
  const directory = temporaryDirectory(t);
  const store = await open(t, directory, { maxColumns: 60 });
  const traceId = randomId(16);
  for (let batch = 0; batch < 3; batch++) {
    const names = Array.from({ length: 15 }, (_, n) => [`${batch} field ${n}`, n]);
    await storeSpans(store, [
      { traceId, attributes: { ...Object.fromEntries(names), mixed: batch } },
      {
        traceId,
        events: [{ name: 'exception' }, { name: 'again' }],
        links: [{ traceId, spanId: randomId(8) }],
      },
      { service: 'other', resource: { 'host.name': 'x' }, attributes: { mixed: 'text' } },
    ]);
    await storeLogs(store, [
      { traceId, body: `line ${batch}` },
      { body: 'of no trace', severity: 17 },
    ]);
  }
  await store.write({ ...decodedLogs([{ service: '', body: 'of no service' }]), dataset: 'named' });
  for (const dataset of ['one', 'two'])
    await store.write({ ...decoded([{ name: `in ${dataset}` }]), dataset });
  t.equal(segments(directory).length, 1);
  for (const name of segments(directory)) t.equal(statSync(join(directory, name)).mode & 0o777, 0o600);
  const before = await allRows(store);
  t.equal(before.rows.length, 3 * 8 + 1 + 2);
  t.match(
    before.rows.slice(-3).map((row) => row[3]),
    ['named', 'one', 'two'],
  );
  t.same(await allRows(await afterKill(t, directory, { maxColumns: 60 })), before);
});

t.test('requests, however they were packed, become the same rows after a kill', async (t) => {
  const directory = temporaryDirectory(t);
  const store = await open(t, directory);
  const intake = new Intake({ store });
  const codings = [
    [undefined, (bytes: Uint8Array) => Buffer.from(bytes)],
    ['gzip', gzipSync],
    ['deflate', deflateSync],
    ['zstd', zstdCompressSync],
  ] as const;
  for (const [index, [contentEncoding, pack]] of codings.entries()) {
    const items = Array.from({ length: 60 }, (_, n) => ({
      name: `${index} ${n}`,
      attributes: { index, n },
    }));
    const spans = items.map((item) => ({ ...item, events: [{ name: 'event' }] }));
    const logs = items.map((item) => ({ ...item, service: '', body: `line of ${item.name}` }));
    for (const [signal, bytes] of [
      ['traces', encodeTraces(decoded(spans))],
      ['logs', encodeLogs(decodedLogs(logs))],
    ] as const) {
      const body = pack(bytes);
      const dataset = signal === 'logs' ? `named ${index}` : undefined;
      const payload = Readable.from([body]);
      await intake.take({ payload, signal, encoding: 'protobuf', contentEncoding, dataset });
    }
  }
  const before = await allRows(store);
  t.equal(before.rows.length, codings.length * 60 * 3);
  t.same(await allRows(await afterKill(t, directory)), before);
});

/** Of records that a test makes, not so long ago that they would be dropped. */
const RECEIVED = Date.now();

/** A request of one span, in protobuf. */
function oneSpan(name: string): Buffer {
  return Buffer.from(encodeTraces(decoded([{ name }])));
}

function recordOf(seq: number, body: Buffer): JournalRecord {
  return { signal: 'traces', seq, rows: 1, received: RECEIVED, body };
}

async function namesOf(store: SpanStore) {
  const name = store.fields().get('name')?.sql;
  return (await store.read(`SELECT ${name} FROM spans ORDER BY _seq`)).rows.flat();
}

t.test('all of the journal counts; what the database has is left out and forgotten', async (t) => {
  const directory = temporaryDirectory(t);
  const journal = await Journal.open(directory);
  const given = ['first', 'second', 'third'].map((name, index) => recordOf(1 + index, oneSpan(name)));
  for (const record of given) await journal.append([record]);
  const [segment = ''] = segments(directory);
  const { bytes } = journal;
  t.equal(endOf(readFileSync(join(directory, segment))), bytes);
  await journal.close();
  const again = await Journal.open(directory);
  const records = async (fromSeq: number) => {
    const found: JournalRecord[] = [];
    for await (const each of again.read(fromSeq, () => t.fail('nothing is damaged'))) found.push(each);
    return found;
  };
  t.same(await records(1), given);
  t.equal(again.bytes, bytes);
  t.same(await records(3), given.slice(2));
  await again.forget(4);
  t.equal(again.bytes, 0);
});

t.test('a request that cannot be decoded is put aside, though its checksum is right', async (t) => {
  const directory = temporaryDirectory(t);
  const journal = await Journal.open(directory);
  for (const [index, name] of ['first', 'second', 'third'].entries()) {
    const body = oneSpan(name);
    if (name === 'second') body[1] = 0xff;
    await journal.append([recordOf(1 + index, body)]);
  }
  await journal.close();
  const said: string[] = [];
  const store = await open(t, directory, { onLost: (sentence) => said.push(sentence) });
  t.same(await namesOf(store), ['first', 'third']);
  t.match(said, [/^1 span arrived that the store cannot take: .*aside in .*rejected\.journal/u]);
  t.same(store.stats().notices.slice(-1), said);
  t.equal(store.stats().dropped.failed, 1);
  await store.close();
  const again = await open(t, directory, { onLost: () => t.fail('told once') });
  t.same(await namesOf(again), ['first', 'third']);
});

t.test(
  'a store that was closed has no journal; one that was killed has none once it is open again',
  async (t) => {
    const directory = temporaryDirectory(t);
    const store = await openStore({ directory });
    await storeSpans(store, [{}, {}]);
    const copy = copyStore(t, directory);
    await store.close();
    t.same(segments(directory), []);
    const again = await open(t, copy);
    t.equal(again.stats().spans, 2);
    await until(() => segments(copy).length === 0);
  },
);

t.test('a kill between the checkpoint and the removal of the journal doubles nothing', async (t) => {
  const directory = temporaryDirectory(t);
  const first = await openStore({ directory });
  await storeSpans(first, [{ name: 'a' }, { name: 'b', events: [{ name: 'c' }] }]);
  const kept = temporaryDirectory(t);
  for (const name of segments(directory)) cpSync(join(directory, name), join(kept, name));
  await first.close();
  for (const name of readdirSync(kept)) cpSync(join(kept, name), join(directory, name));
  const store = await open(t, directory);
  t.same((await store.read('SELECT count(*), count(DISTINCT _seq) FROM spans')).rows, [[3, 3]]);
  await storeSpans(store, [{ name: 'd' }]);
  t.same((await store.read('SELECT max(_seq) FROM spans')).rows, [[4]]);
});

t.test('what was deleted does not come back after a kill, and is in no file of the journal', async (t) => {
  const directory = temporaryDirectory(t);
  const store = await open(t, directory);
  const [gone, kept] = [randomId(16), randomId(16)];
  await storeSpans(store, [{ traceId: gone, attributes: { secret: 'do not keep' } }, { traceId: kept }]);
  await store.delete({ traceId: gone });
  for (const name of segments(directory))
    t.notOk(readFileSync(join(directory, name)).includes('do not keep'));
  const after = await afterKill(t, directory);
  const trace = after.fields().get('trace.trace_id')?.sql;
  t.same((await after.read(`SELECT ${trace} FROM spans`)).rows, [[kept]]);
  await after.delete({ all: true });
  await storeSpans(after, [{ name: 'new' }]);
  t.equal(after.stats().spans, 1);
});

t.test('a damaged record costs itself alone, and is reported; a torn end is no loss', async (t) => {
  const directory = temporaryDirectory(t);
  const store = await open(t, directory);
  for (const name of ['first', 'second', 'third']) await storeSpans(store, [{ name }]);
  const copies = [copyStore(t, directory), copyStore(t, directory)] as const;
  const [segment = ''] = segments(directory);
  const bytes = readFileSync(join(directory, segment));

  const [torn, flipped] = copies;
  const end = endOf(bytes);
  writeFileSync(join(torn, segment), Buffer.from(bytes).fill(0, end - 1));
  const acknowledged = new Acknowledged(torn);
  await acknowledged.write(3);
  await acknowledged.close();
  const said: string[] = [];
  const onLost = (sentence: string) => said.push(sentence);
  const afterTorn = await open(t, torn, { onLost });
  t.same(await namesOf(afterTorn), ['first', 'second']);
  await afterTorn.close();
  writeFileSync(join(torn, 'explorer-000000000009.journal'), Buffer.alloc(bytes.byteLength));
  t.equal((await open(t, torn, { onLost })).stats().spans, 2);
  t.same([said, afterTorn.stats().notices], [[], []]);

  const at = bytes.indexOf('second');
  bytes[at] = 'S'.charCodeAt(0);
  writeFileSync(join(flipped, segment), bytes);
  const afterFlip = await open(t, flipped, { onLost });
  t.same(await namesOf(afterFlip), ['first', 'third']);
  t.match(said, [/^The journal's file .*\.journal has a cut or damage, .*: 1 row is lost .*Check the disk/u]);
  t.same(afterFlip.stats().notices.slice(-1), said);
  t.equal(afterFlip.stats().dropped.failed, 1);
  await storeSpans(afterFlip, [{ name: 'fourth' }]);
  t.same(await namesOf(await afterKill(t, flipped)), ['first', 'third', 'fourth']);
});

t.test('a journal whose first bytes are damaged loses the records there, and counts them', async (t) => {
  const directory = temporaryDirectory(t);
  const store = await open(t, directory);
  await storeSpans(store, [{ name: 'first' }, { name: 'second' }]);
  await storeLogs(store, [{ body: 'line' }]);
  const [segment = ''] = segments(directory);
  const whole = readFileSync(join(directory, segment));
  const copyWith = (content: Buffer) => {
    const copy = copyStore(t, directory);
    writeFileSync(join(copy, segment), content);
    return copy;
  };
  const zeroed = copyWith(Buffer.concat([Buffer.alloc(16), whole.subarray(16)]));
  const told: string[] = [];
  const after = await open(t, zeroed, { onLost: (sentence) => told.push(sentence) });
  t.same(await namesOf(after), [null]);
  t.match(told, [/^The journal's file .* 2 rows are lost /u]);
  t.same(after.stats().notices.slice(-1), told);
  t.equal(after.stats().dropped.failed, 2);
  await storeSpans(after, [{ name: 'next' }]);
  await after.close();
  const again = await open(t, zeroed, { onLost: () => t.fail('told once') });
  t.same(await namesOf(again), [null, 'next']);

  for (const left of ['another file, with text', 'TandemJ\nwith a mark of its own']) {
    const copy = copyWith(Buffer.from(left));
    await t.rejects(openStore({ directory: copy }), {
      name: 'StoreOpenError',
      message: /explorer-\d+\.journal is damaged: remove the file .* DATA_DIR/u,
    });
    t.equal(readFileSync(join(copy, segment), 'utf8'), left, 'the file is left as it is');
  }
});

t.test('a segment that is empty or cut is reported, with the rows that it still counts', async (t) => {
  const directory = temporaryDirectory(t);
  const store = await open(t, directory);
  await storeSpans(store, [{ name: 'first' }]);
  const [segment = ''] = segments(directory);
  const first = endOf(readFileSync(join(directory, segment)));
  await storeSpans(store, [{ name: 'second' }, { name: 'third' }]);
  for (const [length, names, said, failed] of [
    [0, [], /^The journal's file .*: at least 3 rows are lost /u, 3],
    [first, ['first'], /^The journal's file .*: at least 2 rows are lost /u, 2],
    [first + 50, ['first'], /^The journal's file .* 2 rows are lost .*Check the disk/u, 2],
  ] as const) {
    const copy = copyStore(t, directory);
    truncateSync(join(copy, segment), length);
    const told: string[] = [];
    const after = await open(t, copy, { onLost: (sentence) => told.push(sentence) });
    t.same(await namesOf(after), names);
    t.match(told, [said]);
    t.same(after.stats().notices.slice(-1), told);
    t.equal(after.stats().dropped.failed, failed);
    await storeSpans(after, [{ name: 'next' }]);
    t.same(await namesOf(await afterKill(t, copy)), [...names, 'next']);
  }
});

t.test('a segment that was removed before others is missed', async (t) => {
  const directory = temporaryDirectory(t);
  const journal = await Journal.open(directory);
  for (const seq of [1, 2, 3]) {
    await journal.append([recordOf(seq, oneSpan(`span ${seq}`))]);
    await journal.close();
  }
  rmSync(join(directory, segments(directory)[1] ?? ''));
  const told: string[] = [];
  const store = await open(t, directory, { onLost: (sentence) => told.push(sentence) });
  t.same(await namesOf(store), ['span 1', 'span 3']);
  t.match(told, [/^The journal's file .* 1 row is lost /u]);
});

t.test('the last files of the journal, removed while nobody runs, are missed', async (t) => {
  const directory = temporaryDirectory(t);
  const store = await open(t, directory);
  await storeSpans(store, [{ name: 'in the file' }]);
  await store.delete({ before: 0n }); // ends the segment, as the database has its rows
  await storeSpans(store, [{ name: 'second' }, { name: 'third' }]);
  const copy = copyStore(t, directory);
  for (const name of segments(copy)) rmSync(join(copy, name));
  const told: string[] = [];
  const after = await open(t, copy, { onLost: (sentence) => told.push(sentence) });
  t.same(await namesOf(after), ['in the file']);
  t.match(told, [/^The journal's files in .* are gone: at least 2 rows are lost /u]);
  t.equal(after.stats().dropped.failed, 2);
  await after.close();
  t.same(await namesOf(await open(t, copy, { onLost: () => t.fail('told once') })), ['in the file']);
});

t.test('a cut record is lost once, and is no loss where the store has its rows', async (t) => {
  const directory = temporaryDirectory(t);
  const journal = await Journal.open(directory);
  for (const seq of [1, 2, 3]) {
    await journal.append([recordOf(seq, oneSpan(`span ${seq}`))]);
    await journal.close();
  }
  const cut = (name = '', folder = directory) => {
    const path = join(folder, name);
    truncateSync(path, endOf(readFileSync(path)) - 1);
  };
  const [, second] = segments(directory);
  cut(second);
  const told: string[] = [];
  const store = await openStore({ directory, onLost: (sentence) => told.push(sentence) });
  t.same(await namesOf(store), ['span 1', 'span 3']);
  t.match(told, [/ 1 row is lost /u], 'the next file does not miss it again');
  t.same(store.stats().notices.length, 1, 'nor does another sentence');
  t.equal(store.stats().dropped.failed, 1);

  await storeSpans(store, [{ name: 'span 4' }]);
  const kept = temporaryDirectory(t);
  for (const name of segments(directory)) cpSync(join(directory, name), join(kept, name));
  await store.close();
  for (const name of readdirSync(kept)) {
    cpSync(join(kept, name), join(directory, name));
    cut(name);
  }
  told.length = 0;
  const after = await open(t, directory, { onLost: (sentence) => told.push(sentence) });
  t.same(await namesOf(after), ['span 1', 'span 3', 'span 4']);
  t.match(told, [/: rows at its end may be lost /u], 'nobody knows what came after the cut record');
  t.equal(after.stats().dropped.failed, 0);
  await storeSpans(after, [{ name: 'span 5' }]);
  t.same(await namesOf(await afterKill(t, directory)), ['span 1', 'span 3', 'span 4', 'span 5']);
});

t.test(
  'a journal of another version is left as it is, and the error says how to keep its spans',
  async (t) => {
    const directory = temporaryDirectory(t);
    const journal = await Journal.open(directory);
    for (const seq of [1, 2]) await journal.append([recordOf(seq, oneSpan(`span ${seq}`))]);
    await journal.close();
    const path = join(directory, segments(directory)[0] ?? '');
    const bytes = readFileSync(path).subarray(0, journal.bytes);
    for (const mark of ['TJR', 'TJE'])
      for (let at = bytes.indexOf(mark); at >= 0; at = bytes.indexOf(mark, at + 1))
        bytes.write('4', at + 3, 'latin1');
    writeFileSync(path, bytes);
    await t.rejects(openStore({ directory }), {
      name: 'StoreOpenError',
      message:
        /journal is a journal that another version .* start that version once more, and stop it.* DATA_DIR/u,
    });
    t.same(readFileSync(path), bytes);
  },
);

t.test("the store's file is removed while its journal stays: the rows that it had are told of", async (t) => {
  const directory = temporaryDirectory(t);
  const store = await openStore({ directory });
  await storeSpans(store, [{ name: 'in the file' }, { name: 'in the file too' }]);
  await store.close();
  const again = await open(t, directory);
  await storeSpans(again, [{ name: 'in the journal' }]);
  const copy = temporaryDirectory(t);
  for (const name of segments(directory)) cpSync(join(directory, name), join(copy, name));
  const told: string[] = [];
  const after = await open(t, copy, { onLost: (sentence) => told.push(sentence) });
  t.same(await namesOf(after), ['in the journal']);
  t.match(told, [/somebody removed a file of the store beside it: 2 rows are lost /u]);
  t.same(after.stats().notices, told);
});

t.test(
  'while the journal cannot be written nothing is acknowledged, and nothing of it is stored',
  async (t) => {
    const directory = temporaryDirectory(t);
    const store = await open(t, directory);
    await storeSpans(store, [{ name: 'before' }]);
    await store.delete({ before: 0n }); // ends the segment: the next request needs a new one
    renameSync(directory, `${directory}-away`);
    await t.rejects(store.write(decoded([{ name: 'lost' }])), {
      code: 'STORE_GONE',
      message: /is not the folder any more/u,
    });
    renameSync(`${directory}-away`, directory);
    await storeSpans(store, [{ name: 'after' }]);
    t.equal(store.stats().dropped.busy, 1, 'its sender is asked to send it again');
    for (const from of [store, await afterKill(t, directory)])
      t.same(await namesOf(from), ['before', 'after']);
  },
);

t.test(
  'after a database that cannot be read was removed, the journal is replayed into a new one',
  async (t) => {
    const directory = temporaryDirectory(t);
    const store = await open(t, directory);
    await storeSpans(store, [{ name: 'in the journal' }]);
    const copy = temporaryDirectory(t);
    for (const name of segments(directory)) linkSync(join(directory, name), join(copy, name));
    const file = join(copy, 'explorer.duckdb');
    writeFileSync(file, 'no database');
    await t.rejects(openStore({ directory: copy }), { name: 'StoreOpenError', message: /remove the file/u });
    rmSync(file);
    t.same(await namesOf(await open(t, copy)), ['in the journal']);
  },
);
