import t from 'tap';
import { POOL_ADVICE } from '../../../../../src/core/traces/findings/waits/connections.ts';
import type { SpanRecord } from '../../../../../src/core/traces/read/span-record.ts';
import { buildTree } from '../../../../../src/core/traces/tree/tree.ts';
import { client, findingsIn, sentences, server } from '../../make-span.ts';
import { stalled } from './stalled.ts';

const database = { isDatabase: true, peer: 'users-db' };
const select = { ...database, name: 'SELECT users', statement: 1 };

/** Twelve statements at once, each of 75 ms, over a pool of one. */
function queue(spansOf: (nth: number, from: number) => SpanRecord[]): SpanRecord[] {
  const spans = Array.from({ length: 12 }, (_, nth) => spansOf(nth, 75 * nth)).flat();
  return [server('root', '', 0, 910, { name: 'GET /users' }), ...spans];
}

/** The waits as senders tell them: a part of the call, or a span beside the statement. */
const FORMS: Readonly<Record<string, (nth: number, from: number) => SpanRecord[]>> = {
  part: (nth, from) => [
    client(`sql ${nth}`, 'root', 2, from + 77, { ...select, waiting: from, poolSize: 1 }),
  ],
  pg: (nth, from) => [
    client(`wait ${nth}`, 'root', 2, from + 2, { ...database, name: 'pg-pool.connect', poolSize: 1 }),
    client(`sql ${nth}`, 'root', from + 2, from + 77, { ...select, name: 'pg.query:SELECT users-db' }),
  ],
};

for (const [form, spansOf] of Object.entries(FORMS))
  t.test(
    `calls that waited for a connection are told with their pool, and are no slow statements: ${form}`,
    async (t) => {
      const found = findingsIn(buildTree(queue(spansOf))).filter(({ rule }) => !/repeated|same/.test(rule));
      t.strictSame(
        found.map(({ sentence }) => sentence.replace(/; meanwhile .*/, '')),
        ['11 calls of api waited up to 825 ms for the only connection of users-db; they ran 75.0 ms each'],
      );
      t.notMatch(found[0]?.advice, /plan of the statement/);
    },
  );

t.test('what others of the process did with the connections meanwhile is said', async (t) => {
  const spans = [
    server('root', '', 0, 1000, { name: 'POST /batch' }),
    server('report', 'root', 0, 700, { name: 'GET /report' }),
    client('long', 'report', 10, 690, { ...select, name: 'SELECT report' }),
    client('cache', 'report', 1, 5, { name: 'GET', isDatabase: true, peer: 'redis' }),
    client('wait', 'root', 20, 710, { ...select, waiting: 680, poolSize: 5 }),
  ];
  t.match(
    sentences(spans).find((each) => each.startsWith('waited')),
    'waited-for-connection: 1 call of api waited 680 ms for one of 5 connections of users-db; it ran 10.0 ms; meanwhile SELECT report of api ran there for 670 ms',
  );
});

t.test('a wait in which the process stood still most of the time is none for a connection', async (t) => {
  const waits = (stall: number) =>
    sentences([
      server('root', '', 0, 700, { name: 'GET /', ...stalled([10, stall, 'waited_for_processor']) }),
      client('sql', 'root', 5, 690, {
        ...select,
        waiting: 600,
        ...stalled([5, stall, 'waited_for_processor']),
      }),
    ]).join();
  t.notMatch(waits(500), 'waited-for-connection');
  t.match(waits(100), 'waited-for-connection');
});

t.test('a new connection of a process without a processor is no wait for one', async (t) => {
  const waits = (connecting: number, kind: string) =>
    sentences([
      server('root', '', 0, 300, { name: 'GET /', ...stalled([5, 40, kind]) }),
      client('sql', 'root', 5, 290, { ...select, waiting: 200, connecting, ...stalled([0, 40, kind]) }),
    ]).join();
  t.notMatch(waits(60, 'waited_for_processor'), 'waited-for-connection');
  t.match(waits(0, 'waited_for_processor'), 'waited-for-connection');
  t.match(waits(60, 'ran'), 'waited-for-connection');
});

t.test('no part of a call is longer than what is left of it without a stall', async (t) => {
  const [said] = sentences([
    server('root', '', 0, 640, { name: 'GET /cart', ...stalled([20, 150]) }),
    client('call', 'root', 10, 630, {
      name: 'GET /price',
      peer: 'prices:443',
      dns: 398,
      connecting: 12,
      ...stalled([10, 150]),
    }),
  ]).filter((each) => each.startsWith('slow-call'));
  t.match(
    said,
    /took 470 ms.*, 260 ms of it to open a connection \(looking up the name 248 ms and connecting 12/,
  );
});

t.test('a short wait, and one that is a small part of its request, are not said', async (t) => {
  const waits = (waiting: number, whole: number) =>
    sentences([server('root', '', 0, whole), client('sql', 'root', 1, waiting + 2, { ...select, waiting })]);
  t.strictSame(waits(45, 60), []);
  t.notMatch(waits(80, 900).join(), 'waited');
  t.match(waits(60, 120), [/1 call of api waited 60.0 ms for a connection of users-db/]);
});

/** So many calls one after the other, of which some open a connection. */
function calls(count: number, opens: (nth: number) => Partial<SpanRecord>): SpanRecord[] {
  const made = Array.from({ length: count }, (_, nth) =>
    client(`call ${nth}`, 'root', 50 * nth, 50 * nth + 48, {
      name: 'GET /price',
      call: nth + 1,
      ...opens(nth),
    }),
  );
  return [server('root', '', 0, 50 * count, { name: 'GET /cart' }), ...made];
}

t.test('calls that each open a connection are told with the part that takes longest', async (t) => {
  const opening = { dns: 4, connecting: 6, tls: 30, peer: 'prices:443' };
  const [found] = sentences(calls(6, () => opening)).filter((each) => each.startsWith('slow-connect'));
  t.match(
    found,
    'slow-connect: api opened 6 connections to prices:443 one after the other, which took 240 ms of the 300 ms of GET /cart, the longest 40.0 ms (TLS 30.0 ms, connecting 6.00 ms and looking up the name 4.00 ms)',
  );
  const quiet = (spans: SpanRecord[]) => t.notMatch(sentences(spans).join(), 'slow-connect');
  quiet(calls(4, () => opening));
  quiet(calls(12, (nth) => (nth < 4 ? opening : {})));
  quiet(calls(6, () => ({ ...opening, dns: 0, connecting: 1, tls: 2 })));
  // All at once: none of them could have had the connection of another one.
  quiet(calls(6, (nth) => ({ ...opening, start: calls(1, () => ({}))[0]?.start ?? 0n, spanId: `c${nth}` })));
});

t.test('a single connection that opens slowly is told as such by the rules about time', async (t) => {
  const opening = { dns: 220, connecting: 2, peer: 'prices:443' };
  const call = client('call', 'root', 10, 310, { name: 'GET /price', ...opening });
  const spans = [server('root', '', 0, 320, { name: 'GET /cart' }), call];
  const [slow] = findingsIn(buildTree(spans));
  t.match(
    slow?.sentence,
    /^GET \/price of api took 300 ms.*, 222 ms of it to open a connection \(looking up the name 220 ms/,
  );
  t.match(slow?.advice, /resolver/);
  const [between] = findingsIn(
    buildTree([...spans, server('served', 'call', 290, 300, { service: 'prices' })]),
  );
  t.match(
    between?.sentence,
    /between api and prices.*opening a connection took 222 ms \(looking up the name 220 ms/,
  );
  t.match(between?.advice, /resolver/);
  const pool = [
    server('root', '', 0, 400, { name: 'GET /users' }),
    client('wait', 'root', 5, 310, { ...database, name: 'pg-pool.connect' }),
    client('connect', 'wait', 6, 308, { ...database, name: 'pg.connect' }),
    client('sql', 'root', 311, 320, select),
  ];
  const [opened] = findingsIn(buildTree(pool));
  t.match(opened?.sentence, /pg-pool.connect of api took 302 ms/);
  const direct = [
    server('root', '', 0, 400, { name: 'GET /users' }),
    client('connect', 'root', 6, 308, { ...database, name: 'connect shop' }),
    client('sql', 'root', 311, 320, select),
  ];
  t.match(findingsIn(buildTree(direct))[0]?.sentence, /connect shop of api took 302 ms/);
  t.notMatch(opened?.advice, /plan of the statement/);
});

t.test('of calls that took differently long, only the longest is said', async (t) => {
  const found = sentences([
    server('root', '', 0, 400, { name: 'GET /users' }),
    client('short', 'root', 2, 110, { ...select, waiting: 100, poolSize: 1 }),
    client('long', 'root', 2, 330, { ...select, statement: 2, waiting: 110, poolSize: 1 }),
  ]).find((each) => each.startsWith('waited'));
  t.match(found, /; they ran up to 218 ms$/);
});

t.test('two pools of one database are told apart by their sizes', (t) => {
  const found = sentences([
    server('root', '', 0, 900, { name: 'GET /users' }),
    client('only', 'root', 2, 830, { ...select, waiting: 800, poolSize: 1 }),
    client('report', 'root', 2, 620, {
      ...select,
      name: 'SELECT report',
      statement: 2,
      waiting: 600,
      poolSize: 4,
    }),
    client('direct', 'root', 2, 300, { ...select, name: 'SELECT sessions', statement: 3 }),
  ]).filter((each) => each.startsWith('waited'));
  t.strictSame(found, [
    'waited-for-connection: 1 call of api waited 800 ms for the only connection of users-db; it ran 28.0 ms',
    'waited-for-connection: 1 call of api waited 600 ms for one of 4 connections of users-db; it ran 18.0 ms',
  ]);
  t.end();
});

t.test('who held the connections is said, and of requests that ended the line that took them', async (t) => {
  const leak = {
    ...{ ...database, name: 'pg-pool.connect', poolSize: 4, line: 'books.mjs:17' },
    ...{ held: 4, heldBy: 'GET /coupons/:code', heldAt: 'coupon.mjs:3', isHeldAfterEnd: true },
  };
  const found = (more: Partial<SpanRecord>) =>
    findingsIn(
      buildTree([
        server('root', '', 0, 710, { name: 'GET /books' }),
        client('wait', 'root', 5, 705, { ...leak, ...more }),
        client('sql', 'root', 705, 709, { ...select, line: 'books.mjs:17' }),
      ]),
    ).find(({ rule }) => /waited|no-answer/.test(rule));
  const waited = '1 call of api waited 700 ms for one of 4 connections of users-db; it ran 4.00 ms';
  t.match(found({}), {
    sentence: `${waited}; 4 of 4 connections are held by GET /coupons/:code, coupon.mjs:3, whose requests ended`,
    advice: /finally/,
    line: 'coupon.mjs:3',
  });
  t.match(found({ held: 1 }), {
    sentence: `${waited}; 1 of 4 connections is held by GET /coupons/:code, coupon.mjs:3, whose request ended`,
  });
  t.match(found({ isHeldAfterEnd: false }), {
    sentence: `${waited}; 4 of 4 connections were held by GET /coupons/:code, coupon.mjs:3`,
    advice: POOL_ADVICE,
    line: 'books.mjs:17',
  });
  t.match(found({ heldAt: '' }), {
    sentence: `${waited}; 4 of 4 connections are held by GET /coupons/:code, whose requests ended`,
    line: 'books.mjs:17',
  });
  t.match(found({ held: 0, heldBy: '', heldAt: '', isHeldAfterEnd: false }), {
    sentence: waited,
    advice: POOL_ADVICE,
  });
  t.match(found({ error: true, exception: 'timeout exceeded when trying to connect' }), {
    rule: 'no-answer',
    sentence:
      'pg-pool.connect of api failed: no connection was free for 700 ms; 4 of 4 connections are held by GET /coupons/:code, coupon.mjs:3, whose requests ended',
    advice: /finally/,
    line: 'coupon.mjs:3',
  });
});
