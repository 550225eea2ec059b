import t from 'tap';
import { messageShape, messageShapeSql } from '../../../src/core/traces/model/shapes.ts';
import { temporaryStore } from '../../spans.ts';

/** Messages of one fault each, and its shape. */
const SHAPES: Readonly<Record<string, readonly string[]>> = {
  'order … of user … not found': [
    'order 7 of user 3 not found',
    'order 1234567 of user 42 not found',
    'order ord_7f3a of user "ann" not found',
    "order 3f2b8c1e-8a4d-4c3b-9e21-6a0f3c5d7e9b of user 'bob smith' not found",
    'order cafebabe of user ann@example.com not found',
    'order /orders/a/b of user `x` not found',
    'order #1,200 of user 10.0.0.7:80 not found',
    'order 2026-11-27T02:22:07.123Z of user fe80::1 not found',
    'order Fri, 27 Nov 2026 02:22:07 of user 27 Nov 2026 not found',
    'order V1StGXR8_Z5jdHi6B-myT of user C:\\Users\\ann not found',
    'order 1, 2, 3 of user https://a.example/u?x=y not found',
  ],
  'connect ECONNREFUSED …': ['connect ECONNREFUSED 127.0.0.1:5432', 'connect ECONNREFUSED ::1:5432'],
  "can't read it, don't ask": ["can't read it, don't ask"],
  'key=… [… …]': ['key=42 [1 2]'],
  '': [''],
};

t.test(
  'a message loses its numbers, ids, quoted words, paths, addresses and dates, in SQL as in JavaScript',
  async (t) => {
    const store = await temporaryStore(t);
    const sql = async (message: string) =>
      (await store.read(`SELECT ${messageShapeSql('$1::VARCHAR')}`, [message])).rows[0]?.[0];
    const all = [
      ...Object.values(SHAPES).flat(),
      'ж'.repeat(500),
      `${'😀'.repeat(200)} 7 ${'😀'.repeat(200)}`,
      'a'.repeat(100_000),
      '…'.repeat(1000),
      '"'.repeat(999),
      '٣ rows',
    ];
    for (const message of all) t.equal(await sql(message), messageShape(message), message.slice(0, 50));
    for (const [shape, messages] of Object.entries(SHAPES)) {
      if (shape.startsWith('key')) continue;
      for (const message of messages) t.equal(messageShape(message), shape, message);
    }
  },
);
