import { decodeRequest, spansOf } from '@tandem/otlp/testing';
import t from 'tap';
import { sameLarge } from '../../../../test/helpers/same-large.ts';
import { halvesOf } from '../../src/export/exports.ts';
import type { Batch } from '../../src/wire/batch.ts';
import { BatchBuilder } from '../../src/wire/batch.ts';
import { encodeSpan } from '../../src/wire/encode-span.ts';
import { generateSpans } from '../export/generate-spans.ts';

function build(seed: number, count: number): Batch {
  const builder = new BatchBuilder(encodeSpan);
  for (const span of generateSpans(seed, count)) builder.add(span);
  return builder.take() as Batch;
}

t.test('both halves together are the whole, and each span keeps its resource and scope', async (t) => {
  for (const count of [2, 3, 17, 64]) {
    const joined = Buffer.concat([build(count, count).body, build(count + 1, count).body]);
    const whole = { body: joined, items: 2 * count };
    const [first, second] = halvesOf(whole);
    t.equal(first.items, count);
    t.equal(second.items, count);
    t.equal(spansOf(first.body).length, count);
    sameLarge(t, [...spansOf(first.body), ...spansOf(second.body)], spansOf(whole.body), 'spans');
    const scopes = (body: Uint8Array) =>
      decodeRequest(body).resourceSpans.flatMap(({ resource, scopeSpans }) =>
        scopeSpans.flatMap(({ scope, spans }) => spans.map((span) => [span.spanId, scope, resource])),
      );
    sameLarge(t, [...scopes(first.body), ...scopes(second.body)], scopes(whole.body), 'scopes');
    t.notOk(
      decodeRequest(first.body).resourceSpans.some(({ scopeSpans }) =>
        scopeSpans.some(({ spans }) => !spans.length),
      ),
    );
  }
});

t.test('splitting again and again ends in single spans', async (t) => {
  const split = (batch: Batch): Batch[] => (batch.items < 2 ? [batch] : halvesOf(batch).flatMap(split));
  const whole = build(5, 33);
  const singles = split(whole);
  t.equal(singles.length, 33);
  t.same(
    singles.flatMap(({ body }) => spansOf(body)),
    spansOf(whole.body),
  );
});
