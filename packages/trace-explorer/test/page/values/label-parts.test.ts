import t from 'tap';
import { labelParts } from '../../../src/page/values/label-parts.ts';

t.test('a label is whole in its parts, and what stays of two that were cut differs', async (t) => {
  for (const labels of [
    ['user-lookup:delay=300', 'user-lookup:delay=320', 'user-lookup:delay=200', 'user-lookup:delay=180'],
    ['select id from activities where handle = ?', 'select id from activities where reply_to = ?'],
    ['a', 'ab', 'abc'],
    ['GET /api/users', 'POST /api/users'],
    ['customer-lifetime-value-service', 'customer-lifetime-value-worker'],
    ['👩‍👩‍👧 one', '👩‍👩‍👧 two'],
    ['SELECT ledger', 'SELECT tax', 'SELECT audit'],
    [''],
  ]) {
    const parts = labelParts(labels);
    for (const label of labels) t.equal(parts.get(label)?.join(''), label);
    // The letters at the beginning are cut last but one.
    for (const label of labels)
      for (const part of [parts.get(label)?.[0] ?? '', parts.get(label)?.[2] ?? ''])
        t.ok(part === '' || part.length >= 5, `“${part}” of ${label} has room for “…”`);
    const kept = labels.map((label) => `${label.slice(0, 6)} ${parts.get(label)?.[1]}`);
    t.equal(new Set(kept).size, labels.length, `${kept}`);
  }
});

t.test('alone, the end of a label stays, so that its middle goes', async (t) => {
  const [head, key, rest] =
    labelParts(['com.example.platform.OrderService']).get('com.example.platform.OrderService') ?? [];
  t.equal(key, 'OrderService');
  t.equal(head, 'com.example.platform.');
  t.equal(rest, '');
});

t.test('a label is cut between two words', async (t) => {
  for (const [label, key] of [
    ['recommendation-service', 'service'],
    ['Requests (server spans)', 'server spans)'],
    ['OrderProcessingService', 'Service'],
    ['0123456789abcdef0123456789abcdef', '456789abcdef'],
  ] as const)
    t.equal(labelParts([label]).get(label)?.[1], key);
  const services = ['checkout-european-worker', 'checkout-european-gateway'];
  const parts = labelParts(services);
  t.same(
    services.map((label) => parts.get(label)?.[0]),
    ['checkout-', 'checkout-'],
    'what differs is in the part that stays',
  );
});

t.test('many labels take no time', async (t) => {
  const many = Array.from({ length: 20_000 }, (_, i) => `${'the same beginning '.repeat(3)}${i}`);
  const parts = labelParts(many);
  t.equal(new Set(many.map((each) => parts.get(each)?.slice(1).join(''))).size, many.length);
});
