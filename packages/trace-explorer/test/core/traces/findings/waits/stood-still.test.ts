import t from 'tap';
import { criticalPathOf } from '../../../../../src/core/traces/model/critical-path.ts';
import { selfTimes, selfTimesWithoutStalls } from '../../../../../src/core/traces/model/self-times.ts';
import { movedTimes, stallsOf } from '../../../../../src/core/traces/model/stalls.ts';
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
      'stood-still: activities-api stood still for 980 ms of the 1.04 s of GET /home: its own code ran',
    ]);
    t.match(
      sentences(statement(500, 0)),
      [/^stood-still/, /^slow-call: SELECT users of activities-api took 520 ms, 50 % of/],
      'the statement began later',
    );
  },
);

t.test('a stall says which large answer came in it', async (t) => {
  const said = (rows: number, end = 100, kind = 'ran') =>
    sentences([
      server('root', '', 0, 410, { name: 'GET /home', ...api, ...stalled([100, 300, kind]) }),
      client('sql', 'root', 10, end, { name: 'SELECT users', ...api, isDatabase: true, rows }),
    ]);
  const stood = 'stood-still: activities-api stood still for 300 ms of the 410 ms of GET /home';
  t.strictSame(said(12_000), [`${stood}: its own code ran; SELECT users returned 12,000 rows`]);
  t.strictSame(said(12_000, 90), [`${stood}: its own code ran`], 'long before');
  t.strictSame(said(0), [`${stood}: its own code ran`], 'a small one');
  t.notMatch(said(12_000, 100, 'stopped').join(), '12,000', 'a stall of another reason');
});

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
    const partly = (ms: number) =>
      sentences([
        client('call', '', 0, 1310, { name: 'GET /api/users', service: 'shop' }),
        server('served', 'call', 450, 1308, {
          ...lookup,
          ...stalled([4, 850]),
          stalledBefore: ms,
          stalledBeforeKind: 'ran',
        }),
      ]).find((each) => each.startsWith('stood-still'));
    t.match(partly(32), / 850 ms of the 858 ms of GET \/api\/users/, 'a time as long as the span');
    t.match(partly(400), / 1.25 s of the 1.26 s of GET \/api\/users, 400 ms of it before it could begin/);
  },
);

t.test('before a request without its call, nobody knows whether it was there already', async (t) => {
  const before = { stalledBefore: 300, stalledBeforeKind: 'ran' };
  const called = (kind: string) => [
    span('above', '', 0, 330, { kind, name: 'GET /home', ...api }),
    server('served', 'above', 310, 325, { ...lookup, ...before }),
  ];
  t.match(sentences(called('client')).join(), /user-lookup stood still for 300 ms before it could begin/);
  for (const kind of ['server', 'internal', 'consumer'])
    t.notMatch(sentences(called(kind)).join(), 'stood-still', kind);
  t.strictSame(sentences([server('root', '', 0, 20, { ...lookup, ...before })]), []);
  t.strictSame(stallsOf(modelOf([server('root', '', 0, 20, { ...lookup, ...before })]), 0), []);
});

t.test('a stall in which a request neither ran nor had to go on is that of other work', async (t) => {
  const wait = (...stalls: readonly Planted[]) =>
    sentences([server('root', '', 0, 400, { name: 'GET /wait', ...stalled(...stalls) })]);
  const bursts = [80, 190, 300].map((at): Planted => [at, 60]);
  t.strictSame(wait(...bursts), [
    'unexplained-time: GET /wait spent 400 ms of 400 ms in api itself, and no span says on what',
  ]);
  t.match(wait([0, 60], ...bursts), [/stood still for 60.0 ms of the 400 ms/], 'begins');
  t.match(wait(...bursts, [335, 60]), [/stood still for 95.0 ms of the 400 ms/], 'is one with the last');
  t.match(wait([20, 60], [200, 130]), [/^unexplained-time/], 'ends too early');
  t.match(wait([60, 300]), [/stood still for 300 ms of the 400 ms/], 'the answer follows');
  const above = (...stalls: readonly Planted[]) =>
    sentences([
      server('root', '', 0, 400, { name: 'GET /wait', ...stalled(...stalls) }),
      client('before', 'root', 2, 100, { name: 'GET /price' }),
      client('after', 'root', 205, 398, { name: 'GET /stock' }),
    ]).filter((each) => each.startsWith('stood-still'));
  t.match(above([101, 90]), [/stood still for 90.0 ms/], 'begins when an answer has come');
  t.match(above([120, 80]), [/stood still for 80.0 ms/], 'a call follows');
  t.strictSame(above([115, 51]), [], 'neither');
});

t.test('a call that lies within a stall is the stall, as that of a driver without a thread', async (t) => {
  const select = (at: number, stall: number, kind = 'ran') => [
    server('root', '', 0, 420, { name: 'GET /products', ...stalled([at, stall, kind]) }),
    client('sql', 'root', 5, 405, {
      name: 'SELECT products',
      isDatabase: true,
      statement: 1,
      ...stalled([at - 5, stall, kind]),
    }),
  ];
  for (const kind of ['ran', 'blocked'])
    t.match(sentences(select(1, 415, kind)), [/^slow-call: SELECT products of api took 400 ms, 95 % of/]);
  t.match(sentences(select(1, 415, 'waited_for_processor')), [/^stood-still: .* waited for a processor$/]);
  t.match(sentences(select(1, 404)), [/^stood-still: /], 'its answer had to wait');
  t.match(sentences(select(10, 410)), [/^stood-still: /], 'it had begun before');
});

t.test('a statement that takes as long without a stall is not delayed by one', async (t) => {
  const report = (usual: number) =>
    sentences([
      server('root', '', 0, 320, { name: 'GET /report', ...stalled([25, 290]) }),
      client('sql', 'root', 2, 317, {
        name: 'SELECT report',
        isDatabase: true,
        statement: 1,
        usual,
        ...stalled([23, 290]),
      }),
    ]);
  t.match(report(302), [/^slow-call: SELECT report of api took 302 ms/]);
  t.match(report(254), [
    /^stood-still: api stood still for 61.0 ms/,
    /^slow-call: SELECT report of api took 254 ms/,
  ]);
  t.match(report(330), [/^slow-call: SELECT report of api took 315 ms/], 'usually it takes longer');
  for (const usual of [0, 20, 250]) t.match(report(usual), [/^stood-still: api stood still for 290 ms/]);
});

t.test('no time is longer than the request, and work after the answer is none of it', async (t) => {
  const spans = (stall: number) => [
    server('root', '', 0, 200, { name: 'POST /jobs', ...stalled([40, 150]) }),
    span('job', 'root', 45, 4000, { name: 'resize', ...stalled([-5, 150], [1000, stall]) }),
  ];
  const said = (stall: number) => sentences(spans(stall)).filter((each) => each.startsWith('stood-still'));
  t.match(said(2900), [/ stood still for 150 ms of the 200 ms of POST \/jobs/]);
  const later = sentences(spans(2900).map((each) => ({ ...each, stalls: '[[1000,2900,"ran",0,""]]' })));
  t.notMatch(later.join(), 'stood-still');
});

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
    t.match(
      said('waited_for_processor', 200),
      /: it collected garbage for 200 ms and it waited for a processor for 100 ms/,
    );
    t.match(said('waited_for_processor', 100), /: it waited for a processor;/);
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

t.test('on a busy machine a stall costs what its thread ran, and from 50 ms on it is said', async (t) => {
  const stall = (ran: number, waited: number, kind = 'waited_for_processor', where = '') => {
    const [found] = findingsIn(
      buildTree([
        server('root', '', 0, 410, { name: 'GET /', ...stalled([2, 400, kind, 0, where, ran, waited]) }),
      ]),
    );
    const { sentence = '', isOutside = false, cost = 0, advice = '', line } = found ?? {};
    return { said: sentence.replace(/^.*GET \//, ''), isOutside, cost: cost / 1e6, advice, line };
  };
  t.match(stall(30, 370), { said: ': it waited for a processor', isOutside: true, cost: 30 });
  t.match(stall(120, 280, undefined, 'in hash (src/auth.js:31)'), {
    said: ': it waited for a processor for 280 ms and its own code ran for 120 ms, in hash (src/auth.js:31)',
    isOutside: false,
    cost: 120,
    advice: 'Split the work, or do it in a thread.',
    line: 'src/auth.js:31',
  });
  t.match(stall(250, 150, 'ran'), {
    said: ': its own code ran for 250 ms and it waited for a processor for 150 ms',
    cost: 250,
  });
  t.match(stall(19, 381), { isOutside: true, cost: 0 }, 'with a processor, it would be no stall');
  t.match(stall(5, 0, 'blocked'), { said: ': a call blocked it', isOutside: false, cost: 400 });
  const long = [20, 1020, 2020].map((at): Planted => [at, 990, 'waited_for_processor', 0, '', 30, 960]);
  t.match(
    sentences([server('root', '', 0, 3020, { name: 'GET /', ...stalled(...long) })]),
    [/: it waited for a processor for 2.88 s and its own code ran for 90.0 ms$/],
    'what is blamed is said, however long the rest',
  );
  const parted = findingsIn(
    buildTree([
      server('root', '', 0, 410, { name: 'GET /', ...stalled([0, 400, 'ran', 0, '', 200, 200]) }),
      span('part', 'root', 100, 360, { name: 'render', ...stalled([150, 100, 'ran', 0, '', 100, 0]) }),
    ]),
  ).find(({ rule }) => rule === 'stood-still');
  t.equal((parted?.cost ?? 0) / 1e6, 170, 'of a part of a stall its share');
});

t.test(
  'the line is that of the function that ran, else of the request, and never that of a call that waited',
  async (t) => {
    const lineOf = (kind: string, where: string, gc = 0) => {
      const spans = pair([[70, 300, kind, gc, where]]);
      const lines = ['src/routes.js:7', 'src/users.js:12'];
      return findingsIn(buildTree(spans.map((each, i) => ({ ...each, line: lines[i] ?? '' }))))[0]?.line;
    };
    t.equal(lineOf('ran', 'in hash (src/auth.js:31)'), 'src/auth.js:31');
    t.equal(
      lineOf('blocked', 'in an anonymous function (/srv/app/src/auth.js:31:400)'),
      '/srv/app/src/auth.js:31:400',
      'a file that exists',
    );
    t.equal(lineOf('ran', ''), 'src/routes.js:7');
    t.equal(lineOf('ran', '', 200), undefined, 'garbage is of no line');
    for (const where of ['beside GET /report', 'in hash']) t.equal(lineOf('ran', where), undefined, where);
    t.equal(lineOf('waited_for_processor', 'in hash (src/auth.js:31)'), undefined);
  },
);

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

t.test('of a span with more stalls than events, nobody knows when the others were', async (t) => {
  const many = (kind: string) =>
    sentences([server('root', '', 0, 1000, { ...stalled([0, 100, kind], [200, 100, kind]), stalled: 900 })]);
  t.match(many('ran'), [/stood still for 100 ms of the 1.00 s/, /^unexplained-time/]);
  t.match(many('waited_for_processor'), [/stood still for 100 ms of the 1.00 s/]);
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
      const [own, self] = [selfTimesWithoutStalls(model), selfTimes(model)];
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

t.test(
  'before a request without its call, measured work of the process is the most that it waited for',
  async (t) => {
    const root = (more: object) =>
      findingsIn(
        buildTree([
          server('root', '', 0, 20, {
            ...lookup,
            line: 'server.js:6',
            stalledBefore: 300,
            stalledBeforeKind: 'ran',
            ...more,
          }),
        ]),
      );
    t.match(root({ stalledBeforeTimes: '[290,10]' }), [
      {
        sentence:
          'user-lookup stood still for up to 300 ms before it could begin GET /api/users: its own code ran',
        line: undefined,
      },
    ]);
    t.strictSame(root({}), [], 'nobody has measured it');
    for (const stalledBeforeKind of ['blocked', 'waited_for_processor'])
      t.strictSame(root({ stalledBeforeTimes: '[290,10]', stalledBeforeKind }), [], stalledBeforeKind);
    const [both] = root({
      stalledBeforeTimes: '[290,10]',
      duration: 200e6,
      ...stalled([0, 190, 'ran', 0, '', 190, 0]),
    });
    t.match(
      both?.sentence,
      /stood still for up to 490 ms of the 500 ms of GET \/api\/users, up to 300 ms of it before/,
    );
    t.equal(both?.line, undefined);
  },
);
