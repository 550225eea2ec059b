import t from 'tap';
import type { Cause } from '../../../src/core/problems/schemas.ts';
import { placeText } from '../../../src/core/traces/model/code-place.ts';
import { at, ids, temporaryExplorer } from '../../explorer.ts';
import { storeSpans } from '../../spans.ts';

const id = ids();
const [SERVER, CLIENT] = [2, 3];
type Stored = Parameters<typeof storeSpans>[1][number];

/** A request with a statement in a loop, from a file as its sender names it. */
function request(n: number, file: string, called?: string): Stored[] {
  const root = { traceId: id(`trace ${n}`, 16), spanId: id(`root ${n}`), service: 'shop', start: at(n) };
  const code = { 'code.file.path': file, ...(called !== undefined && { 'code.function.name': called }) };
  const attributes = { 'db.system.name': 'postgresql', 'db.query.text': 'select name from t where id = $1' };
  return [
    { ...root, name: 'GET /orders', kind: SERVER, durationMs: 82, attributes: { 'http.route': '/orders' } },
    ...Array.from({ length: 8 }, (_, i) => ({
      ...{ ...root, name: 'SELECT t', kind: CLIENT, spanId: id(`call ${n} ${i}`), durationMs: 10 },
      ...{ parentSpanId: root.spanId, start: at(n) + BigInt(1 + i * 10) * 1_000_000n },
      attributes: { ...attributes, ...code, 'code.line.number': 7, 'code.column.number': 3 },
    })),
  ];
}

async function causesOf(test: Parameters<typeof temporaryExplorer>[0], spans: readonly Stored[]) {
  const { store, get } = await temporaryExplorer(test);
  await storeSpans(store, spans);
  return ((await get('/api/causes')).body as { causes: Cause[] }).causes;
}

t.test('a file that its sender names whole is told whole, in the words of a path', async (t) => {
  for (const [file, told] of [
    ['/home/ann/shop/orders.js', '/home/ann/shop/orders.js:7'],
    ['file:///home/ann/my%20shop/orders.js', '/home/ann/my shop/orders.js:7'],
    ['file:///srv/50%/orders.js', '/srv/50%/orders.js:7'],
    ['C:\\ann\\shop\\orders.js', 'C:\\ann\\shop\\orders.js:7'],
    ['file:///C:/ann/shop/orders.js', 'C:/ann/shop/orders.js:7'],
    ['orders.js', 'orders.js:7:3'],
  ] as const) {
    const [cause, ...others] = await causesOf(t, request(0, file));
    t.same([cause && placeText(cause), others], [told, []], file);
  }
});

t.test('of one file in two folders, a problem is one, with the id that it always had', async (t) => {
  const causes = await causesOf(t, [
    ...request(0, '/home/ann/shop/orders.js', 'load'),
    ...request(1, '/home/bob/shop/orders.js', 'load'),
  ]);
  t.equal(causes.length, 1);
  const parts = JSON.parse(Buffer.from(causes[0]?.id ?? '', 'base64url').toString());
  t.equal(parts.at(-1), 'shop/orders.js load');
  const [moved] = await causesOf(t, request(0, '/srv/releases/12/shop/orders.js', 'load'));
  t.equal(moved?.id, causes[0]?.id);
  const [windows] = await causesOf(t, request(0, 'C:\\ann\\shop\\orders.js', 'load'));
  t.equal(JSON.parse(Buffer.from(windows?.id ?? '', 'base64url').toString()).at(-1), 'shop\\orders.js load');
});
