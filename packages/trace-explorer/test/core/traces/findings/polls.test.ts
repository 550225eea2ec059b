import t from 'tap';
import type { SpanRecord } from '../../../../src/core/traces/read/span-record.ts';
import { client, sentences, server, span } from '../make-span.ts';

const JOB = { name: 'GET /job', call: 7 };

/** A request that makes calls of 5 ms, with pauses between them. */
function request(pauses: readonly number[], more: (at: number) => Partial<SpanRecord>, took = 5) {
  let from = 1;
  const calls = [0, ...pauses].map((pause, at) => {
    from += pause + (at === 0 ? 0 : took);
    return client(`call ${at}`, 'root', from, from + took, more(at));
  });
  return [server('root', '', 0, from + took + 1, { name: 'GET /poll' }), ...calls];
}

const same = (pauses: readonly number[], took?: number) => sentences(request(pauses, () => JOB, took));

t.test('who asks again after a timer waits for another answer, and nothing is said of it', async (t) => {
  t.strictSame(same(Array(7).fill(30.4)), []);
  t.strictSame(
    same([31, 30.2, 3, 30.8, 45]),
    [],
    'a timer that was late, and one call right after the other',
  );
  t.strictSame(same([50, 51, 50], 120), [], 'calls that take longer than the pauses');
  t.strictSame(same([5, 10, 20, 40, 80]), [], 'pauses that grow');
  t.strictSame(same([2, 4, 8, 16, 32, 64]), [], 'and begin small');
  t.strictSame(same([200, 200, 200, 200]), [], 'its pauses are explained, too');
});

t.test('without a timer between them it is the same call again', async (t) => {
  const again = /^same-call-twice: GET \/job was called/;
  t.match(same([30]), [again], 'two calls');
  t.match(same([1, 1, 1, 1]), [again]);
  t.match(same([12, 12, 12, 12]), [again], 'work of which no stall tells');
  t.match(same([90, 12, 60, 33]), [again], 'work that differs');
  t.match(same([12, 12, 12], 20), [again], 'work that is shorter than the calls');
  t.match(same([60, 1, 1, 1, 60, 1, 1]), [again]);
});

/** Calls with another span during each pause of 30 ms. */
const between = (took: number) =>
  sentences([
    ...request([30, 30, 30, 30], () => JOB),
    ...[0, 1, 2, 3].map((at) =>
      span(`work ${at}`, 'root', 6 + 35 * at, 6 + 35 * at + took, { name: `work ${at}` }),
    ),
  ]);

t.test('a request that works between its calls does not wait', async (t) => {
  t.match(between(28), [/^same-call-twice: GET \/job was called 5 times/]);
  t.strictSame(between(4), [], 'a short look at something else');
});

t.test('a process that stood still between its calls has worked', async (t) => {
  const [root, ...calls] = request([60, 60, 60], () => JOB);
  const stalls = JSON.stringify([0, 1, 2].map((at) => [6 + 65 * at, 58, 'ran', 0, '']));
  t.match(
    sentences([{ ...root, stalls, stalled: 174 } as SpanRecord, ...calls]).join('\n'),
    /same-call-twice/,
  );
});

t.test('a statement whose values nobody knows polls where the pauses are long and alike', async (t) => {
  const select = { name: 'SELECT jobs', isDatabase: true, statement: 3, shape: 'SELECT jobs 0123abcd' };
  const statements = (pauses: readonly number[], took: number, more: object = select) =>
    sentences(request(pauses, () => more, took)).join();
  t.equal(statements([30, 31, 30, 30, 32, 30, 30], 2), '');
  t.equal(statements([25, 50, 100, 200], 20), '', 'with pauses that grow');
  t.equal(statements([30, 31, 30, 30, 32, 30], 2, { ...select, name: 'UPDATE leases' }), '', 'a heartbeat');
  t.match(statements([1, 1, 1, 1, 1, 1], 2), /repeated-call: SELECT jobs was called 7 times/);
  t.match(statements([12, 12, 12, 12, 12, 12], 2), /repeated-call/, 'work on each row');
  t.match(statements([30, 80, 24, 160, 30, 61], 2), /repeated-call/, 'work that differs');
});

t.test('only the query differs of who asks for what is new', async (t) => {
  const ask = (targetOf: (at: number) => string) =>
    sentences(
      request([50, 50, 50, 50, 50], (at) => ({ name: 'GET', call: at + 1, target: targetOf(at) }), 12),
    ).join();
  t.equal(
    ask(() => 'chat:80/messages'),
    '',
  );
  t.match(
    ask((at) => `chat:80/messages/${at}`),
    /repeated-call: .*was called 6 times/,
  );
});

t.test('a list of jobs may be asked for in turns, each call below a span of its own', async (t) => {
  const jobs = [0, 1, 2, 3].flatMap((round) =>
    [0, 1].flatMap((job) => {
      const at = 1 + 50 * round + 6 * job;
      const [id, name] = [`${round} ${job}`, 'GET /jobs/:id'];
      return [
        span(`look ${id}`, 'root', at, at + 5, { name: 'look' }),
        client(`call ${id}`, `look ${id}`, at + 1, at + 4, { name, call: job + 1 }),
        span(`parse ${id}`, `look ${id}`, at + 4, at + 5, { name: 'parse' }),
      ];
    }),
  );
  t.strictSame(sentences([server('root', '', 0, 170, { name: 'GET /poll' }), ...jobs]), []);
});
