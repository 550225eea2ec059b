import t from 'tap';
import { client, sentences, server } from '../make-span.ts';

const request = (names: readonly string[], pause = 0) => [
  server('root', '', 0, 400, { name: 'GET /page' }),
  ...names.map((name, i) =>
    client(`call ${i}`, 'root', 10 + i * (100 + pause), 110 + i * (100 + pause), { name }),
  ),
];
const NAMES = ['GET /users', 'GET /prices', 'shop.Cart/GetCart'];

t.test('three calls that read and follow each other at once could go side by side', async (t) => {
  t.strictSame(sentences(request(NAMES)), [
    'sequential-calls: 3 calls of GET /page ran one after the other for 300 ms: GET /users, GET /prices and shop.Cart/GetCart; side by side they would take 100 ms',
  ]);
});

t.test('with work in between, with calls that write, or of two nothing is said', async (t) => {
  t.strictSame(
    sentences(request(NAMES, 15)).filter((each) => each.startsWith('sequential')),
    [],
  );
  t.strictSame(
    sentences(request(['GET /users', 'POST /orders', 'GET /prices'])).filter((each) =>
      each.startsWith('sequential'),
    ),
    [],
  );
  t.strictSame(
    sentences(request(NAMES.slice(1))).filter((each) => each.startsWith('sequential')),
    [],
  );
});
