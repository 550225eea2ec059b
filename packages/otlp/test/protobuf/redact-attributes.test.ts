import t from 'tap';
import { redactAttributes } from '../../src/index.ts';
import { encodeLogs, encodeTraces } from '../../src/protobuf/encode-request.ts';
import type { PlainValue } from '../../testing/index.ts';
import { decoded, decodedLogs, decodeRequest } from '../../testing/index.ts';

const hides =
  (...names: string[]) =>
  (name: string) =>
    names.includes(name);
const message = (number: number, ...parts: (Buffer | string)[]) => {
  const body = Buffer.concat(parts.map((part) => Buffer.from(part)));
  return Buffer.concat([Buffer.from([number * 8 + 2, body.length]), body]);
};
const attribute = (number: number, key: string, value: string) =>
  message(number, message(1, key), message(2, message(1, value)));

t.test(
  'values of named attributes are replaced wherever attributes stand in a span, and nothing else changes',
  async (t) => {
    const attributes: Record<string, PlainValue> = {
      secret: 'hidden',
      shown: ['a', 1],
      deep: { map: { secret: 'kept', in: { map: { side: 'hidden' } } } },
    };
    const part = (value: PlainValue) => ({ secret: value, other: 1 });
    const request = (value: PlainValue, deep: PlainValue) => [
      {
        traceId: '1'.repeat(32),
        spanId: '2'.repeat(16),
        start: 1n,
        attributes: { ...attributes, secret: value, deep },
        resource: part(value),
        events: [{ name: 'e', time: 2n, attributes: part(value) }],
        links: [{ traceId: '3'.repeat(32), spanId: '4'.repeat(16), attributes: part(value) }],
      },
    ];
    const before = encodeTraces(decoded(request('hidden', attributes.deep ?? null)));
    const after = redactAttributes(before, 'traces', hides('secret', 'deep.in.side'));
    const expected = { map: { secret: 'kept', in: { map: { side: 'REDACTED' } } } };
    t.same(
      decodeRequest(after),
      decodeRequest(Buffer.from(encodeTraces(decoded(request('REDACTED', expected))))),
    );
    t.same(
      redactAttributes(before, 'traces', () => false),
      Buffer.from(before),
      'the same bytes',
    );
    t.throws(() => redactAttributes(before.subarray(0, -1), 'traces', () => false), RangeError);
  },
);

t.test('attributes that are left out are gone, and nothing else changes', async (t) => {
  const request = (more: Record<string, PlainValue>) => {
    const attributes = { first: 1, ...more, last: { map: { 'code.line': 2 } } };
    return Buffer.from(
      encodeTraces(
        decoded([{ traceId: '1'.repeat(32), spanId: '2'.repeat(16), start: 1n, attributes, resource: more }]),
      ),
    );
  };
  const before = request({ 'code.line': 7, 'code.path': 'a' });
  const after = redactAttributes(
    before,
    'traces',
    () => false,
    (name) => name.startsWith('code.'),
  );
  t.same(decodeRequest(after), decodeRequest(request({})));
});

t.test('so are the body of a log record, and attributes of metrics of every kind', async (t) => {
  const logs = encodeLogs(decodedLogs([{ body: 'hidden', attributes: { secret: 'hidden' } }]));
  t.notMatch(redactAttributes(logs, 'logs', hides('secret', 'body')).toString(), /hidden/);
  t.match(redactAttributes(logs, 'logs', hides('secret')).toString(), /hidden/);
  const exemplar = (number: number) => message(number, attribute(7, 'secret', 'hidden'));
  const points: readonly [kind: number, attributes: number, exemplars: number][] = [
    [5, 7, 5],
    [7, 7, 5],
    [9, 9, 8],
    [10, 1, 11],
    [11, 7, 5],
  ];
  const metrics = points.map(([kind, own, exemplars]) =>
    message(
      2,
      message(
        kind,
        message(1, attribute(own, 'secret', 'hidden'), ...(kind === 11 ? [] : [exemplar(exemplars)])),
      ),
    ),
  );
  for (const metric of [...metrics, message(2, attribute(12, 'secret', 'hidden'))]) {
    const body = message(1, message(1, attribute(1, 'tier', 'shown')), message(2, metric));
    const redacted = redactAttributes(body, 'metrics', hides('secret')).toString();
    t.notMatch(redacted, /hidden/);
    t.match(redacted, /shown[\s\S]*REDACTED/);
  }
});

t.test('values within values end at a depth', async (t) => {
  const nest = (levels: number): Buffer => {
    let inner: Buffer = message(1, 'x');
    for (let i = 0; i < levels; i++) inner = long(5, long(1, inner));
    return inner;
  };
  const body = (levels: number) =>
    long(1, long(2, long(2, long(9, message(1, 'list'), long(2, nest(levels))))));
  t.same(
    redactAttributes(body(50), 'traces', () => false),
    body(50),
  );
  t.throws(() => redactAttributes(body(5_000), 'traces', () => false), /deeper than 100/);
});

/** A field with a length of any size. */
function long(number: number, ...parts: Buffer[]): Buffer {
  const body = Buffer.concat(parts);
  const length: number[] = [];
  let rest = body.length;
  for (; rest > 0x7f; rest >>>= 7) length.push((rest & 0x7f) | 0x80);
  length.push(rest);
  return Buffer.concat([Buffer.from([number * 8 + 2, ...length]), body]);
}
