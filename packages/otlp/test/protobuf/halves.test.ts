import t from 'tap';
import { decodeLogs, decodeTraces, encodeLogs, encodeTraces } from '../../src/index.ts';
import { halvesOf } from '../../src/protobuf/halves.ts';
import { decoded, decodedLogs } from '../../testing/index.ts';
import { generatedSpans } from '../generate-traces.ts';

t.test('the halves of a request have its spans in order, with their resources and scopes', async (t) => {
  const spans = [...generatedSpans(1), ...generatedSpans(2)];
  const { scopeSpans } = decoded(spans);
  const [first, ...others] = scopeSpans;
  if (!first) return;
  const resource = { ...first.resource, schemaUrl: 'https://a' };
  const body = encodeTraces({ scopeSpans: [first, { ...first, resource }, ...others] });
  const whole = decodeTraces(body, 'protobuf');
  let parts = [{ body: new Uint8Array(body), items: whole.spanCount }] as {
    body: Uint8Array;
    items: number;
  }[];
  for (let cuts = 0; cuts < 32 && parts.some(({ items }) => items > 1); cuts++)
    parts = parts.flatMap((part) => (part.items > 1 ? [...halvesOf(part.body)] : [part]));
  t.equal(parts.length, whole.spanCount);
  const named = (bytes: Uint8Array) =>
    decodeTraces(bytes, 'protobuf').scopeSpans.flatMap(({ resource: { schemaUrl }, scope, spans: own }) =>
      own.map((span) => [schemaUrl, scope.name, Buffer.from(span.raw).toString('hex')]),
    );
  t.same(
    parts.flatMap((part) => named(part.body)),
    named(body),
  );
});

t.test('log records have halves too', async (t) => {
  const body = encodeLogs(decodedLogs([{ body: 'one' }, { body: 'two' }, { body: 'three' }]));
  t.same(
    halvesOf(body).map((half) => [half.items, decodeLogs(half.body, 'protobuf').recordCount]),
    [
      [2, 2],
      [1, 1],
    ],
  );
});

t.test('one item, nothing, and bytes that are no request have no halves', async (t) => {
  const body = encodeTraces({ scopeSpans: decoded([{ name: 'one' }, { name: 'two' }]).scopeSpans });
  t.equal(halvesOf(body).length, 2);
  t.same(halvesOf(encodeTraces({ scopeSpans: decoded([{ name: 'one' }]).scopeSpans })), []);
  for (let length = 0; length < body.length; length++)
    t.same(halvesOf(body.subarray(0, length)), [], { diagnostic: false });
  for (const bytes of ['ffffffffffffffffffffffff', '0affffffffffffffff7f', '0b0c', '0a02'])
    t.same(halvesOf(Buffer.from(bytes, 'hex')), []);
});
