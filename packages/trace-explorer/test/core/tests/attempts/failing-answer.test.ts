import t from 'tap';
import { failingAnswer } from '../../../../src/core/tests/attempts/failing-answer.ts';
import type { SpanRecord } from '../../../../src/core/traces/read/span-record.ts';
import { client, modelOf, server, span } from '../../traces/make-span.ts';

/** A test that failed and asked for `POST /cart`, with what came after it. */
function answerOf(cart: Partial<SpanRecord>, ...below: readonly SpanRecord[]): string | undefined {
  const spans = [
    span('test', '', 0, 100, { name: 'cart.test.js › pays', error: true, problem: 'expected 502 to be 201' }),
    client('asks', 'test', 10, 60, { name: 'POST', statusCode: cart.statusCode ?? '', error: true }),
    server('cart', 'asks', 12, 58, { name: 'POST /cart', error: true, ...cart }),
  ];
  return failingAnswer(modelOf([...spans, ...below]), 0);
}

/** A request for a route that a call below a span makes. */
function asked(
  id: string,
  parent: string,
  from: number,
  name: string,
  statusCode: string,
  more: Partial<SpanRecord> = {},
) {
  const error = statusCode.startsWith('5');
  return [
    client(`${id}-call`, parent, from, from + 8, { name: 'GET', statusCode, error }),
    server(id, `${id}-call`, from + 1, from + 7, { name, statusCode, error, ...more }),
  ];
}

t.test('a test that failed had a server error before: the deepest one', async (t) => {
  const failed = { statusCode: '502' };
  t.equal(answerOf(failed), 'POST /cart answered 502');
  const stock = asked('stock', 'cart', 20, 'GET /stock/:sku', '503');
  t.equal(answerOf(failed, ...stock), 'GET /stock/:sku answered 503');
  const bank = client('bank', 'cart', 20, 30, {
    ...{ name: 'POST', target: 'https://bank.example/charge', statusCode: '503', error: true },
  });
  t.equal(answerOf(failed, bank), 'POST bank.example answered 503', 'of a service without spans, too');
});

t.test('what was put right, what the test asked for and what has a message of its own is none', async (t) => {
  const passed = { statusCode: '200', error: false };
  const until = ['503', '503', '200'].flatMap((status, at) =>
    asked(`ready${at}`, 'test', 61 + at * 10, 'GET /ready', status),
  );
  t.equal(answerOf(passed, ...until), undefined, 'a server that was not ready yet');
  t.equal(answerOf({ statusCode: '422' }), undefined);
  const thrown = asked('stock', 'cart', 20, 'GET /stock/:sku', '500', { exception: 'no row' });
  t.equal(answerOf({ statusCode: '500' }, ...thrown), undefined, 'an exception is a problem of its own');
  const above = asked('stock', 'cart', 20, 'GET /stock/:sku', '500');
  t.equal(answerOf({ statusCode: '500', exception: 'no stock' }, ...above), undefined);
});
