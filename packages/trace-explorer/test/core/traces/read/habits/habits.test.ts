import t from 'tap';
import { at } from '../../../../explorer.ts';
import type { PlainSpan } from '../../../../spans.ts';
import { randomId, storeSpans, temporaryStore } from '../../../../spans.ts';
import { storedFindings } from '../../findings/stored-findings.ts';

/** A call of a request: when it begins, how long it takes, and what it is. */
type Call = readonly [from: number, ms: number, call: Partial<PlainSpan>];

let clock = 0;

/** A request of `ms`, so long after the one before. */
function request(name: string, ms: number, calls: readonly Call[], after = 500): PlainSpan[] {
  clock += after;
  const [traceId, spanId, begin] = [randomId(16), randomId(8), clock];
  const base = { traceId, service: 'shop', kind: 3 };
  return [
    { ...base, spanId, name, kind: 2, start: at(begin), durationMs: ms },
    ...calls.map(([from, durationMs, call]) => ({
      ...{ ...base, parentSpanId: spanId, start: at(begin + from), durationMs },
      ...call,
    })),
  ];
}

const times = (count: number, make: (nth: number) => PlainSpan[]) =>
  Array.from({ length: count }, (_, nth) => make(nth)).flat();

async function told(spans: readonly PlainSpan[], rule: string): Promise<string[]> {
  const store = await temporaryStore(t);
  await storeSpans(store, spans);
  const findings = [...(await storedFindings(store)).values()].flat();
  return findings.filter((finding) => finding.rule === rule).map(({ sentence }) => sentence);
}

t.test('a statement is slow beside others that take a tenth of it', async (t) => {
  const select = (table: string, ms: number): Call => [
    1,
    ms,
    {
      name: 'SELECT',
      attributes: { 'db.system.name': 'sqlite', 'db.query.text': `SELECT * FROM ${table} WHERE id = ?` },
    },
  ];
  const of = (table: string, count: number, ms: number, whole = ms + 4) =>
    times(count, () => request(`GET /${table}`, whole, [select(table, ms)]));
  const sentence = 'SELECT orders of shop took 80.0 ms, 95 % of GET /orders; other statements take 2.00 ms';
  t.same(await told([...of('orders', 5, 80), ...of('users', 5, 2)], 'slow-call'), Array(5).fill(sentence));
  t.same(await told([...of('orders', 4, 80), ...of('users', 9, 2)], 'slow-call'), [], 'not often enough');
  t.same(await told([...of('orders', 9, 80), ...of('users', 4, 2)], 'slow-call'), [], 'too few others');
  t.same(await told([...of('orders', 9, 80), ...of('users', 9, 9)], 'slow-call'), [], 'as the others');
  t.same(await told([...of('orders', 9, 40), ...of('users', 9, 1)], 'slow-call'), [], 'too short');
  t.same(await told([...of('orders', 9, 80, 120), ...of('users', 9, 2)], 'slow-call'), [], 'one part of two');
  t.same(await told(of('orders', 9, 80), 'slow-call'), [], 'without others');
  const once = [...of('orders', 1, 80), ...of('orders', 20, 3), ...of('users', 9, 2)];
  t.same(await told(once, 'slow-call'), [], 'usually quick');
});

t.test(
  'a database that each statement opens a connection of its own to is told, where no pool keeps them',
  async (t) => {
    const of = { 'db.system.name': 'postgresql', 'db.namespace': 'shop-db' };
    const code = { 'code.file.path': 'posts.mjs', 'code.line.number': 5 };
    const connect = (from: number, ms = 12): Call => [
      from,
      ms,
      { name: 'pg.connect', attributes: { ...of, ...code } },
    ];
    const select = (from: number): Call => [
      from,
      4,
      {
        name: 'pg.query:SELECT shop-db',
        attributes: { ...of, 'db.query.text': 'SELECT * FROM posts WHERE id = $1' },
      },
    ];
    const each = (count: number, calls: () => readonly Call[], after?: number) =>
      times(count, () => request('GET /posts', 20, calls(), after));
    const [first] = await told(
      each(6, () => [connect(1), select(14)]),
      'slow-connect',
    );
    t.equal(
      first,
      'Each of 6 calls of posts.mjs:5 in shop opened its own connection to shop-db, 72.0 ms of 96.0 ms',
    );
    const wait: Call = [0, 1, { name: 'pg-pool.connect', attributes: of }];
    const silent = {
      'too few': each(4, () => [connect(1), select(14)]),
      'three statements over one': each(9, () => [connect(1), select(14), select(15), select(16)]),
      'by a pool': each(9, () => [wait, connect(1), select(14)]),
      'long after another': each(9, () => [connect(1), select(14)], 5000),
      quick: each(9, () => [connect(1, 3), select(14)]),
    };
    for (const [name, spans] of Object.entries(silent)) t.same(await told(spans, 'slow-connect'), [], name);
  },
);

t.test('a line whose calls open a connection each time is told, over all traces', async (t) => {
  const get = (parts: object, { peer = 'api.example', instance = 'a', line = 8 } = {}): Call => [
    1,
    50,
    {
      name: 'GET',
      resource: { 'service.instance.id': instance },
      attributes: {
        'url.full': `https://${peer}/item`,
        'server.address': peer,
        'code.file.path': 'item.mjs',
        'code.line.number': line,
        ...parts,
      },
    },
  ];
  const opened = { 'tandem.call.connect_ms': 20, 'tandem.call.tls_ms': 26 };
  const calls = (count: number, make: (nth: number) => Call, after?: number) =>
    times(count, (nth) => request('GET /', 60, [make(nth)], after));
  const [first, ...others] = await told(
    calls(5, () => get(opened)),
    'slow-connect',
  );
  t.equal(
    first,
    'Each of 5 calls of item.mjs:8 in shop opened its own TLS connection to api.example, 230 ms of 250 ms',
  );
  t.equal(others.length, 4);
  // A connection to a near machine is there at once.
  const [near] = await told(
    calls(5, () => get({ 'tandem.call.tls_ms': 26 })),
    'slow-connect',
  );
  t.match(near, /^Each of 5 calls .* opened its own TLS connection to api\.example, 130 ms of 250 ms$/);
  const mixed = [...calls(10, () => get(opened)), ...calls(1, () => get({}))];
  const [most] = await told(mixed, 'slow-connect');
  t.match(most, /^10 of 11 calls of item\.mjs:8 in shop opened their own TLS connection to /);
  const silent = {
    'too few': calls(4, () => get(opened)),
    'kept open': calls(10, (nth) => get(nth % 3 === 0 ? opened : {})),
    'at the same time': calls(8, () => get(opened), 0),
    'long after another': calls(8, () => get(opened), 5000),
    'each to another host': calls(8, (nth) => get(opened, { peer: `host-${nth}` })),
    'each of another process': calls(8, (nth) => get(opened, { instance: String(nth) })),
    'each of another line': calls(8, (nth) => get(opened, { line: nth + 1 })),
    quick: calls(40, () => get({ 'tandem.call.connect_ms': 2 })),
  };
  for (const [name, spans] of Object.entries(silent)) t.same(await told(spans, 'slow-connect'), [], name);
});
