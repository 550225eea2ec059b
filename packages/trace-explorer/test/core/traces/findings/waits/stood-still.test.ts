import t from 'tap';
import { criticalPathOf } from '../../../../../src/core/traces/model/critical-path.ts';
import { ownTimes, selfTimes } from '../../../../../src/core/traces/model/self-times.ts';
import { movedTimes } from '../../../../../src/core/traces/model/stalls.ts';
import type { SpanRecord } from '../../../../../src/core/traces/read/span-record.ts';
import { buildTree } from '../../../../../src/core/traces/tree/tree.ts';
import { client, findingsIn, modelOf, sentences, server, span } from '../../make-span.ts';
import type { Planted } from './stalled.ts';
import { stalled } from './stalled.ts';

const api = { service: 'activities-api' };
const lookup = { name: 'GET /api/users', service: 'user-lookup' };

/** A request of 386 ms to a caller that awaits a callee. `stalls` are from the request's start. */
function pair(caller: readonly Planted[], callee: Partial<SpanRecord> = {}, begin = 40): SpanRecord[] {
  const inCall = caller.map(([at, ...rest]): Planted => [at - 10, ...rest]);
  return [
    server('root', '', 0, 386, { name: 'GET /home', ...api, ...(caller.length > 0 && stalled(...caller)) }),
    client('call', 'root', 10, 380, {
      name: 'GET /api/users',
      ...api,
      ...(caller.length > 0 && stalled(...inCall)),
    }),
    server('served', 'call', begin, begin + 20, { ...lookup, ...callee }),
  ];
}

t.test(
  'a caller that stands still while it awaits a call is blamed, and neither the call nor the network',
  async (t) => {
    t.strictSame(sentences(pair([[70, 300]])), [
      'stood-still: activities-api stood still for 300 ms of the 386 ms of GET /home: its own code ran; GET /api/users itself took 70.0 ms',
    ]);
    const statement = (stall: number, at = 20) => [
      server('root', '', 0, 1040, { name: 'GET /home', ...api, ...stalled([at + 10, stall]) }),
      client('sql', 'root', 10, 1030, {
        name: 'SELECT users',
        ...api,
        isDatabase: true,
        ...stalled([at, stall]),
      }),
    ];
    t.strictSame(sentences(statement(980)), [
      'stood-still: activities-api stood still for 980 ms of the 1.04 s of GET /home: its own code ran; SELECT users itself took 40.0 ms',
    ]);
    t.match(
      sentences(statement(500, 0)),
      [/^stood-still/, /^slow-call: SELECT users of activities-api took 520 ms, 50 % of/],
      'the statement began later',
    );
  },
);

t.test(
  'a callee that stood still before it could begin is blamed, with or without a stall of the caller',
  async (t) => {
    const before = { stalledBefore: 300, stalledBeforeKind: 'ran' };
    t.strictSame(sentences(pair([], before, 340)), [
      'stood-still: user-lookup stood still for 300 ms before it could begin GET /api/users: its own code ran; GET /api/users itself took 70.0 ms',
    ]);
    const both = sentences(pair([[40, 300]], before, 340));
    t.equal(both.length, 1, 'at one time, the callee’s stall is what the caller waited for');
    t.match(both, [/^stood-still: user-lookup/]);
    t.match(
      sentences([server('root', '', 0, 20, { ...lookup, ...before })]),
      [/user-lookup stood still for 300 ms before/],
      'without its call',
    );
    const partly = (ms: number) =>
      sentences([
        server('root', '', 0, 858, {
          ...lookup,
          ...stalled([4, 850]),
          stalledBefore: ms,
          stalledBeforeKind: 'ran',
        }),
      ]);
    t.match(partly(32), [/ 850 ms of the 858 ms of GET \/api\/users/], 'a time as long as the span');
    t.match(partly(400), [/ 1.25 s of the 1.26 s of GET \/api\/users, 400 ms of it before it could begin/]);
  },
);

t.test(
  'each kind says what it is, and a busy neighbour, a signal or a suspended machine blames no code',
  async (t) => {
    const said = (kind: string, gc = 0, where = '') => {
      const [finding] = findingsIn(buildTree(pair([[70, 300, kind, gc, where]])));
      return `${finding?.sentence} ${finding?.advice}`;
    };
    t.match(said('ran', 0, 'in hash (auth.js:3)'), /its own code ran, in hash \(auth.js:3\)/);
    t.notMatch(said('ran', 0, 'in hash (auth.js:3)'), /--profile/, 'the function is known');
    t.match(said('ran'), /\brun --profile/, 'names the command that has the option');
    t.notMatch(said('ran'), '`', 'the page and the report show a sentence as it stands');
    t.match(said('ran', 0, 'beside GET /report'), /its own code ran, beside GET \/report/);
    t.match(said('ran', 200), /it collected garbage; .*heap/);
    t.match(said('waited_for_processor', 200), /waited for a processor/);
    t.match(said('blocked'), /a call blocked it.*spawn/);
    const others = {
      waited_for_processor: /waited for a processor/,
      stopped: /signal/,
      suspended: /suspended/,
    };
    for (const [kind, words] of Object.entries(others)) {
      t.match(said(kind, 0, 'in hash (auth.js:3)'), words);
      t.notMatch(
        said(kind, 0, 'in hash (auth.js:3)'),
        kind === 'waited_for_processor' ? /code|thread|profile/ : /code|hash|thread|profile/,
        kind,
      );
    }
    const busy = pair([
      [60, 150, 'blocked'],
      [220, 60, 'waited_for_processor'],
    ]);
    t.notMatch(sentences(busy).join(), 'blocked', 'a busy machine looks like a call that blocks');
    const starved = { stalledBefore: 60, stalledBeforeKind: 'waited_for_processor' };
    const beside = findingsIn(buildTree(pair([[170, 200, 'blocked']], starved, 100)));
    t.same(
      beside.filter(({ rule }) => rule === 'stood-still').map(({ isOutside }) => isOutside),
      [true, true],
      'nor is one blamed beside a starved process',
    );
    const asleep = { ...stalled([10, 8 * 3600e3, 'suspended']), stalled: 0 };
    t.strictSame(sentences([server('root', '', 0, 30, { name: 'GET /', ...asleep })]), [
      'stood-still: The machine of api was suspended for 8 h 00 min during GET /, whose times do not include it',
    ]);
    t.match(
      said('other'),
      /stood still for 300 ms of the 386 ms of GET \/home; GET/,
      'a kind of a later sender',
    );
  },
);

t.test('the line is that of the function that ran, and never that of a call that waited', async (t) => {
  const lineOf = (kind: string, where: string) => {
    const spans = pair([[70, 300, kind, 0, where]]);
    const lines = ['src/routes.js:7', 'src/users.js:12'];
    return findingsIn(buildTree(spans.map((each, i) => ({ ...each, line: lines[i] ?? '' }))))[0]?.line;
  };
  t.equal(lineOf('ran', 'in hash (src/auth.js:31)'), 'src/auth.js:31');
  t.equal(lineOf('blocked', 'in an anonymous function (/srv/app/src/auth.js:31:400)'), 'src/auth.js:31:400');
  for (const where of ['', 'beside GET /report', 'in hash']) t.equal(lineOf('ran', where), undefined, where);
  t.equal(lineOf('waited_for_processor', 'in hash (src/auth.js:31)'), undefined);
});

t.test(
  'a stall is said from 50 ms and a tenth of the request, and costs only what no span explains',
  async (t) => {
    t.notMatch(sentences(pair([[70, 45]])).join(), 'stood-still');
    const long = [
      server('root', '', 0, 900),
      span('work', 'root', 0, 899),
      span('stand', 'work', 0, 300, stalled([10, 80])),
    ];
    t.notMatch(sentences(long).join(), 'stood-still');
    // The callee works meanwhile.
    t.notMatch(sentences(pair([[41, 19]])).join(), 'stood-still');
    t.notMatch(sentences(pair([[40, 100]], { duration: 100e6 })).join(), 'stood-still');
  },
);

t.test(
  'a stall in the middle of a call, or of its wait for a connection, takes nothing from it',
  async (t) => {
    const call = (more: object) => [
      server('root', '', 0, 1000, { name: 'GET /home', ...stalled([300, 200]) }),
      client('sql', 'root', 10, 990, {
        name: 'SELECT users',
        isDatabase: true,
        ...stalled([290, 200]),
        ...more,
      }),
    ];
    t.match(sentences(call({})), [/^slow-call: SELECT users of api took 980 ms/]);
    t.match(sentences(call({ waiting: 970 })), [/^waited-for-connection: 1 call of api waited 970 ms/]);
    t.match(sentences(call({ waiting: 480 })), [
      /^stood-still: api stood still for 200 ms/,
      /^waited/,
      /^slow-call/,
    ]);
  },
);

t.test('the network is not blamed for what a long wait for a processor leaves', async (t) => {
  const call = (kind: string) => [
    server('root', '', 0, 1600, { name: 'GET /home', ...api, ...stalled([500, 1080, kind]) }),
    client('call', 'root', 10, 1590, { name: 'GET /api/users', ...api, ...stalled([490, 1080, kind]) }),
    server('served', 'call', 60, 160, lookup),
  ];
  t.match(sentences(call('ran')).join(), 'unexplained-time');
  t.notMatch(sentences(call('waited_for_processor')).join(), 'unexplained-time');
});

t.test('of a span with more stalls than events, the sum says the rest', async (t) => {
  const many = { ...stalled([0, 100], [200, 100]), stalled: 900 };
  t.match(sentences([server('root', '', 0, 1000, many)]), [/stood still for 900 ms/]);
});

t.test('own time of the request itself leaves its stall out, and says the rest', async (t) => {
  const root = (to: number) => [server('root', '', 0, to, { name: 'GET /', ...stalled([0, 400]) })];
  t.match(sentences(root(500)), [/^stood-still/]);
  t.match(sentences(root(900)), [/^stood-still/, /^unexplained-time: GET \/ spent 500 ms of 900 ms/]);
});

t.test(
  'own times, and times of the critical path, are as long together with stalls as without',
  async (t) => {
    let seed = 7;
    const random = (most: number) => {
      seed = (seed * 48_271) % 2_147_483_647;
      return seed % most;
    };
    for (let round = 0; round < 200; round++) {
      const spans: SpanRecord[] = [server('s0', '', 0, 1000, stalled([random(900), random(300)]))];
      for (let i = 1; i < 12; i++) {
        const kind = ['client', 'server', 'internal'][random(3)] ?? '';
        const [from, length] = [random(900), random(400)];
        const before = { stalledBefore: random(200), stalledBeforeKind: 'ran' };
        const more = {
          kind,
          service: `s${random(2)}`,
          ...before,
          ...stalled([random(400) - 100, random(300)]),
        };
        spans.push(span(`s${i}`, `s${random(i)}`, from, from + length, more));
      }
      const model = modelOf(spans);
      const sum = (values: Iterable<number>) => [...values].reduce((total, each) => total + each, 0) / 1e6;
      const [own, self] = [ownTimes(model), selfTimes(model)];
      t.ok(Math.abs(sum(own) - sum(self)) < 1e-3, `round ${round}: ${sum(own)} for ${sum(self)}`);
      t.ok(
        own.every((each) => each > -1),
        `round ${round}: none is less than nothing`,
      );
      const timesOf = (path: ReturnType<typeof criticalPathOf>) =>
        sum(Array.from(model.parent.keys(), path.time));
      const [moved, plain] = [criticalPathOf(model, movedTimes(model)), criticalPathOf(model)];
      t.ok(Math.abs(timesOf(moved) - timesOf(plain)) < 1e-3, `round ${round}: critical path`);
    }
  },
);
