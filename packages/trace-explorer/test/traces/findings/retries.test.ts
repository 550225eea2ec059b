import t from 'tap';
import { client, sentences, server, span } from '../make-span.ts';

const request = (errors: readonly boolean[], calls: readonly number[] = []) => [
  server('root', '', 0, 1000, { name: 'GET /home', statusCode: '200' }),
  span('work', 'root', 0, 1000),
  ...errors.map((error, i) =>
    client(`try ${i}`, 'root', 10 + 220 * i, 110 + 220 * i, {
      name: 'GET /users',
      error,
      call: calls[i] ?? 1,
      ...(error && { statusCode: '503' }),
    }),
  ),
];

t.test('tries that failed and took the time of the request are one finding', async (t) => {
  t.strictSame(sentences(request([true, true, false])), [
    'retries: GET /home tried GET /users 3 times and only the last one succeeded; the failed tries took 440 ms of 1.00 s',
  ]);
  t.match(sentences(request([true, true])), [/tried GET \/users twice and all of them failed/]);
});

t.test('a try that cost little, and calls with other arguments are no retries', async (t) => {
  t.strictSame(sentences(request([true, false])), []);
  t.notMatch(sentences(request([true, true, true], [1, 2, 3])).join(), 'retries');
});
