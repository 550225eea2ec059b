import t from 'tap';
import { findingsOf } from '../../../../../src/core/traces/findings/rules.ts';
import type { LinkedSpan } from '../../../../../src/core/traces/model/outline.ts';
import { buildModel } from '../../../../../src/core/traces/model/trace-model.ts';
import { outlineTree } from '../../../../../src/core/traces/tree/outline-tree.ts';
import { buildTree } from '../../../../../src/core/traces/tree/tree.ts';
import { sentences, span } from '../../make-span.ts';

const producer: typeof span = (id, above, from, to, more) =>
  span(id, above, from, to, { kind: 'producer', queue: 'mail', message: 7, ...more });
const consumer: typeof span = (id, above, from, to, more) =>
  span(id, above, from, to, {
    kind: 'consumer',
    queue: 'mail',
    message: 7,
    service: 'worker',
    name: 'process',
    ...more,
  });

t.test('a message that waited longer than its work took', async (t) => {
  t.strictSame(sentences([producer('send', '', 0, 5), consumer('p', 'send', 2_005, 2_305)]), [
    'waiting-message: A message waited 2.00 s in mail until process of worker took it, whose work took 300 ms',
  ]);
  t.strictSame(sentences([producer('send', '', 0, 5), consumer('p', 'send', 345, 685)]), [], 'longer work');
  t.strictSame(sentences([producer('send', '', 0, 5), consumer('p', 'send', 300, 301)]), [], 'a short wait');
});

t.test('attempts of a message are one finding, with the last failure first', async (t) => {
  const failed = { error: true, exception: 'mailbox full' };
  const records = [
    producer('send', '', 0, 5),
    consumer('one', 'send', 10, 20, { error: true, exception: 'first' }),
    span('delay', 'one', 15, 16, { name: 'delay mail', service: 'worker', message: 7 }),
    consumer('two', 'delay', 2_000, 2_010, failed),
  ];
  const model = buildModel(outlineTree('t', buildTree(records)));
  const found = findingsOf(model);
  t.match(found, [
    {
      rule: 'attempts',
      sentence:
        'process of worker took one message twice, the last time 1.99 s after the first; the last attempt failed',
      exception: 'mailbox full',
    },
  ]);
  t.equal(found.length, 1, 'a wait that a delay asked for is none, and the failures are explained');
  t.equal(model.name(found[0]?.indexes[0] ?? -1), 'process');
  t.equal(model.offset[found[0]?.indexes[0] ?? -1], 2_000e6);
  const [said = ''] = sentences([
    producer('send', '', 0, 5),
    consumer('a', 'send', 6, 8),
    consumer('b', 'send', 9, 20),
    span('fail', 'b', 10, 11, { name: 'fail mail', service: 'worker' }),
  ]);
  t.match(said, /twice, .*; the last attempt failed$/, 'BullMQ says so in a span below');
  const twoServices = [
    producer('send', '', 0, 5),
    consumer('a', 'send', 6, 8),
    consumer('b', 'send', 9, 10, { service: 'audit' }),
  ];
  t.strictSame(sentences(twoServices), [], 'two services that take one message');
  t.strictSame(sentences([consumer('a', '', 6, 80), consumer('b', 'a', 9, 10)]), [], 'one within the other');
});

t.test('linked messages: the wait of each, and senders that have not come, said once', async (t) => {
  const outline = outlineTree('t', buildTree([consumer('batch', '', 5_000, 5_100, { message: 0 })]));
  const link = (nth: number, more: Partial<LinkedSpan>): LinkedSpan => ({
    at: 0,
    side: 'before',
    trace_id: `t${nth}`,
    span_id: `s${nth}`,
    ...more,
  });
  const sent = (nth: number) =>
    link(nth, { span: { name: 'send', service: 'api', kind: 'producer', offset: -nth * 1e9, duration: 0 } });
  const said = (spans: readonly LinkedSpan[]) =>
    findingsOf(buildModel({ ...outline, linked: { spans } })).map(({ sentence }) => sentence);
  t.strictSame(said([sent(1), sent(2), sent(3)]), [
    '3 messages, the longest for 3.00 s, waited in mail until process of worker took it, whose work took 100 ms',
  ]);
  t.strictSame(said([link(1, {}), link(2, {})]), [
    "process of worker took 2 messages whose sender's trace has not come",
  ]);
});

t.test('a message that was taken again is one message, however often it waited', async (t) => {
  const takes = (...messages: readonly number[]) =>
    sentences([
      producer('send', '', 0, 5),
      ...messages.map((message, i) =>
        consumer(`take ${i}`, 'send', 1000 * (i + 1), 1000 * (i + 1) + 50, { message }),
      ),
    ]).join();
  t.match(takes(7, 7, 7), /waiting-message: A message waited/);
  t.match(takes(7, 8, 8), /waiting-message: 2 messages, the longest/);
  t.match(takes(0, 0, 0), /waiting-message: 3 messages, the longest/, 'without ids each is one');
});

t.test(
  'messages that are sent one by one are a loop, and so they are with calls of a driver below',
  async (t) => {
    const sends = Array.from({ length: 20 }, (_, nth) => [
      producer(`send ${nth}`, 'request', nth * 10, nth * 10 + 9, { name: 'send mail', message: 0 }),
      span(`driver ${nth}`, `send ${nth}`, nth * 10 + 1, nth * 10 + 8, { kind: 'client', name: 'EVALSHA' }),
    ]).flat();
    const [said, ...others] = sentences([span('request', '', 0, 200, { kind: 'server' }), ...sends]);
    t.match(said, /^repeated-call: send mail was called 20 times in a row by request; one call for all/);
    t.strictSame(others, []);
  },
);
