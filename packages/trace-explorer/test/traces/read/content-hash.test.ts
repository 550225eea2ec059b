import type { SimpleValue } from '@tandem/otlp';
import { attributesOf, decodeLogs, ValueKind } from '@tandem/otlp';
import t from 'tap';
import { hashInTurns, spanHash } from '../../../src/traces/read/content-hash.ts';
import { decoded } from '../../spans.ts';

const MIB = 1024 ** 2;

/** Resolves with how many turns of the event loop others had until `task` ended. */
async function turnsDuring(task: Promise<unknown>): Promise<number> {
  let isDone = false;
  let turns = 0;
  void task.then(() => {
    isDone = true;
  });
  for (; !isDone; turns++) await new Promise((resolve) => setImmediate(resolve));
  return turns;
}

t.test('a large span is hashed 4 MiB at a time, with a turn for others before each', async (t) => {
  const [large, small] = [9 * MIB, 10].map((bytes) => {
    const [group] = decoded([{ attributes: { b: 'x'.repeat(bytes), a: 1 } }]).scopeSpans;
    return group?.spans[0];
  });
  if (large === undefined || small === undefined) throw new Error('There are two spans');
  const hashing = hashInTurns(large);
  t.ok((await turnsDuring(hashing)) >= 3);
  t.equal(await hashing, spanHash(large), 'the hash is that of the whole');
  t.equal(await hashInTurns(small), spanHash(small));
  t.not(await hashInTurns(small), await hashing);
  t.equal(
    await hashInTurns({ ...small, attributes: small.attributes.toReversed() }),
    await hashInTurns(small),
    'whatever the order of attributes',
  );
});

t.test('a large value counts whole, wherever it is', async (t) => {
  const [span] = decoded([{ attributes: { a: 1 } }]).scopeSpans[0]?.spans ?? [];
  if (span === undefined) throw new Error('There is a span');
  const hashOf = (value: SimpleValue) => {
    const nested = { key: 'm', kind: ValueKind.map, value: attributesOf({ list: [value, 'small'] }) };
    return spanHash({ ...span, attributes: [...span.attributes, nested] });
  };
  const text = '😀'.repeat(1.5 * MIB);
  const bytes = Buffer.alloc(3 * MIB, 'a');
  t.equal(hashOf(text), hashOf(`${text.slice(0, -2)}😀`));
  t.not(hashOf(text), hashOf(`${text.slice(0, -2)}😁`));
  t.equal(hashOf(bytes), hashOf(Buffer.alloc(3 * MIB, 'a')));
  t.not(hashOf(bytes), hashOf(bytes.toString()), 'bytes are no text');
  t.not(hashOf(bytes), hashOf(bytes.subarray(1)));
});

t.test('log records have theirs', async (t) => {
  const hashOf = (text: string) => {
    const body = { resourceLogs: [{ scopeLogs: [{ logRecords: [{ body: { stringValue: text } }] }] }] };
    const [record] = decodeLogs(Buffer.from(JSON.stringify(body)), 'json').scopeLogs[0]?.logRecords ?? [];
    if (record === undefined) throw new Error('There is a record');
    return hashInTurns(record);
  };
  t.equal(await hashOf('one'), await hashOf('one'));
  t.not(await hashOf('one'), await hashOf('two'));
});
