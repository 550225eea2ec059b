import { existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Test } from 'tap';
import t from 'tap';
import type { AcceptedEntry } from '../../../../src/core/problems/file/accepted.ts';
import type { RunReport } from '../../../../src/parts/report/server/schemas.ts';
import { runCli } from '../../../core/command/run-cli.ts';
import { sharedFiles } from '../../../core/command/shared-files.ts';
import type { ShopOptions } from '../shop-run.ts';
import { shopRun } from '../shop-run.ts';

// Each check has an explorer of its own.
t.setTimeout(600_000);

// Alone in its process: commands work in its folder.
const began = process.cwd();
t.afterEach(() => process.chdir(began));
const withFiles = sharedFiles(t);

/** A repository of a shop, in which commands run. */
function shop(t: Test) {
  const folder = t.testdir({ '.git': {}, packages: { shop: {} } });
  process.chdir(folder);
  const path = join(folder, 'tandem-known.json');
  const run = (name: string, options?: ShopOptions) => shopRun(folder, name, options);
  const ask = async (...args: readonly [string, ...string[]]) => {
    const [name, ...rest] = args;
    // A check asks about all that is stored.
    const said = await runCli(name, rest, undefined, name === 'check' ? {} : { withFiles });
    // What a busy machine says while it reads.
    return { ...said, error: said.error.replace(/^(?:report: .*|.* spans so far.*)\n/gm, '') };
  };
  const entries = (): AcceptedEntry[] => JSON.parse(readFileSync(path, 'utf8')).known;
  const gate = (file: string, ...more: readonly string[]) =>
    ask('report', file, '--fail-on', 'unknown-causes', ...more);
  const acceptAll = (file: string) =>
    ask('known', 'add', 'all', '--run', file, '--by', 'orders team', '--why', 'old');
  return { folder, path, run, ask, entries, gate, acceptAll };
}

t.test(
  'what was accepted of one version is known of the next one, and of another folder and port',
  async (t) => {
    const { folder, run, gate, acceptAll, entries, path } = shop(t);
    const first = run('v1.gz');
    const before = await gate(first);
    t.equal(before.code, 1, before.error);
    t.match(before.error, /^3 problems not in tandem-known\.json:\n/);
    const added = await acceptAll(first);
    t.equal(added.code, 0, added.error);
    t.match(added.out, /^tandem-known\.json: 3 entries added\.\n/);
    t.same(
      entries().map(({ rule, service, route, operation, statement, call, type, message, file }) => {
        return { rule, service, route, operation, statement, call, type, message, file };
      }),
      [
        {
          ...{ rule: 'repeated-call', service: 'shop', route: 'GET /checkout', operation: 'GET' },
          ...{
            statement: undefined,
            call: 'GET shop /slow',
            type: undefined,
            message: undefined,
            file: 'src/orders.js',
          },
        },
        {
          ...{ rule: 'repeated-call', service: 'shop', route: 'GET /orders', operation: 'SELECT items' },
          ...{
            statement: 'select name from items where id = ?',
            call: undefined,
            type: undefined,
            message: undefined,
          },
          file: 'src/orders.js',
        },
        {
          ...{ rule: 'error', service: 'shop', route: 'GET /orders/:/sku', operation: 'GET /orders/:/sku' },
          ...{ statement: undefined, call: undefined, type: 'TypeError', file: 'src/orders.js' },
          message: "Cannot read properties of undefined (reading 'sku')",
        },
      ],
    );
    t.notMatch(readFileSync(path, 'utf8'), /:\d{4}|handler|trace/, 'no line, port, function or trace');
    const known = await gate(first);
    t.equal(known.code, 0, known.error);
    t.match(known.out, /0 problems;/);
    t.match(known.out, /- 3 known problems \(tandem-known\\?\.json\)/);
    for (const [name, options] of Object.entries<ShopOptions>({
      moved: { moved: 3, called: 'listOrders' },
      port: { port: 45_123 },
      parameter: { parameter: '{orderId}' },
      package: { place: 'packages/shop', file: '../../src/orders.js' },
      'unknown place': { place: '' },
    })) {
      const { code, error } = await gate(run(`${name}.gz`, options));
      t.equal(code, 0, `${name}: ${error}`);
    }
    process.chdir(join(folder, 'packages/shop'));
    t.equal((await gate(first)).code, 0, 'from the folder of a package');
  },
);

t.test('another member and another statement are other problems, each named', async (t) => {
  const { run, gate, acceptAll } = shop(t);
  await acceptAll(run('v1.gz'));
  const options = {
    member: 'price',
    parameter: ':orderId',
    statement: 'SELECT name, id FROM items WHERE id = ?',
  };
  const { code, error } = await gate(run('v3.gz', options));
  t.equal(code, 1);
  t.match(error, /^2 problems not in tandem-known\.json:\n/);
  t.match(error, /\n {2}.*SELECT items.*\(src\/orders\.js:6\)\n/);
  t.match(error, /\n {2}.*reading 'price'/);
  t.notMatch(error, /slow/);
});

t.test('an entry of one route hides nothing of another one', async (t) => {
  const { run, gate, ask, path, entries } = shop(t);
  const only = run('orders.gz', { routes: ['orders'] });
  await ask('known', 'add', 'all', '--run', only, '--by', 'a', '--why', 'b');
  t.equal(entries().length, 1);
  writeFileSync(path, readFileSync(path, 'utf8').replace('"GET /orders"', '"GET /other"'));
  t.match(await gate(only), { code: 1, error: /^1 problem not in/ });
});

t.test('an old project begins with three commands, and its next N+1 fails', async (t) => {
  const { run, gate, acceptAll, entries } = shop(t);
  const old = run('old.gz', { more: 37 });
  t.equal((await acceptAll(old)).code, 0);
  t.equal(entries().length, 40);
  t.equal((await gate(old)).code, 0);
  const { code, error } = await gate(run('next.gz', { more: 38 }));
  t.equal(code, 1);
  t.match(
    error,
    /^1 problem not in tandem-known\.json:\n {2}SELECT t37 of shop.*|^1 problem not in tandem-known\.json:\n {2}SELECT t37 was called 15 times/,
  );
  const again = await acceptAll(old);
  t.match(again.out, /Nothing to add/);
});

t.test('an entry that has ended fails the gate, says so, and can be accepted anew', async (t) => {
  const { run, gate, ask, path, entries } = shop(t);
  const file = run('v1.gz', { routes: ['orders'] });
  await ask(
    'known',
    'add',
    'all',
    '--run',
    file,
    '--by',
    'orders team',
    '--why',
    'old',
    '--until',
    '2999-01-01',
  );
  t.equal((await gate(file)).code, 0);
  writeFileSync(path, readFileSync(path, 'utf8').replace('2999-01-01', '2026-10-01'));
  const ended = await gate(file);
  t.equal(ended.code, 1);
  t.match(ended.error, /accepted by orders team until 2026-10-01/);
  t.match(ended.out, /accepted by orders team until 2026\\?-10\\?-01/);
  await ask('known', 'add', 'all', '--run', file, '--by', 'b', '--why', 'new');
  t.match(entries(), [{ by: 'b', why: 'new' }]);
  t.equal((await gate(file)).code, 0);
});

t.test('a broken file hides nothing: one line, and exit code 2', async (t) => {
  const { run, ask, path } = shop(t);
  const file = run('v1.gz');
  writeFileSync(path, '{"version": 1,\n"known": [}');
  const all: readonly (readonly [string, ...string[]])[] = [
    ['report', file],
    ['report', file, '--fail-on', 'unknown-causes'],
    ['known', '--run', file],
    ['known', 'add', 'all', '--run', file, '--by', 'a', '--why', 'b'],
    ['known', 'prune', '--run', file],
  ];
  for (const args of all) {
    const { code, error, out } = await ask(...args);
    t.match(
      { code, error, out },
      { code: 2, error: /^.*tandem-known\.json:2: this is no JSON\n$/, out: '' },
      args.join(' '),
    );
  }
  t.equal((await ask('report', file, '--known', 'none')).code, 0);
  t.equal(readFileSync(path, 'utf8'), '{"version": 1,\n"known": [}');
});

t.test(
  'what no longer occurs is told apart from what was not asked for, and only the first is pruned',
  async (t) => {
    const { run, ask, acceptAll, entries } = shop(t);
    await acceptAll(run('v1.gz'));
    const file = run('later.gz', { routes: ['orders', 'sku'], mended: ['orders'] });
    const { out } = await ask('report', file);
    t.match(out, /SELECT items was called 15 times.* its route was asked 3 times without it\\?: known prune/);
    t.match(out, /its route was not asked in this run/);
    const listed = await ask('known', '--run', file);
    t.match(listed.out, /3 known problems/);
    t.match(listed.out, /not seen/);
    t.match(listed.out, /its route was not asked/);
    const pruned = await ask('known', 'prune', '--run', file);
    t.match(pruned.out, /1 of 3 entries removed\. Of 1 more the route was not asked\.\n {2}.*SELECT items/);
    t.same(
      entries().map(({ route }) => route),
      ['GET /checkout', 'GET /orders/:/sku'],
    );
    t.match(await ask('known', 'prune'), { code: 2, error: /Name the run/ });
  },
);

t.test('of samples nothing is said to be gone, and nothing is pruned', async (t) => {
  const { run, ask, acceptAll, entries } = shop(t);
  await acceptAll(run('v1.gz'));
  const file = run('sample.gz', { mended: ['orders', 'sku', 'checkout'], weight: 10 });
  const { out } = await ask('report', file);
  t.notMatch(out, /its route was/);
  t.match(await ask('known', 'prune', '--run', file), { code: 2, error: /a part of its traces/ });
  t.equal(entries().length, 3);
});

t.test('an entry of a rule that this version lacks hides nothing, and stays', async (t) => {
  const { run, ask, acceptAll, gate, path, entries } = shop(t);
  const file = run('v1.gz', { routes: ['orders'] });
  await acceptAll(file);
  writeFileSync(path, readFileSync(path, 'utf8').replace('"repeated-call"', '"call-in-a-loop"'));
  t.match(await gate(file), { code: 1, error: /^1 problem not in tandem-known\.json:\n/ });
  t.notMatch((await ask('report', file)).out, /known prune/, 'nobody knows whether it still occurs');
  t.match((await ask('known', '--run', file)).out, /this version has no such rule/);
  t.match((await ask('known', 'prune', '--run', file)).out, /0 of 1 entries removed\.\n/);
  t.match(entries(), [{ rule: 'call-in-a-loop' }]);
});

t.test('a day ends where the command runs', async (t) => {
  const { run, gate, acceptAll, path } = shop(t);
  const file = run('v1.gz', { routes: ['orders'] });
  await acceptAll(file);
  // These two never have one date.
  const [early, late] = ['Etc/GMT+12', 'Pacific/Kiritimati'];
  const today = new Intl.DateTimeFormat('sv-SE', { timeZone: early }).format(new Date());
  writeFileSync(
    path,
    readFileSync(path, 'utf8').replace(/("since": "[^"]+")/, `$1,\n      "until": "${today}"`),
  );
  const { TZ } = process.env;
  t.teardown(() => {
    if (TZ === undefined) delete process.env.TZ;
    else process.env.TZ = TZ;
  });
  const gateIn = async (zone: string) => {
    process.env.TZ = zone;
    return (await gate(file)).code;
  };
  t.equal(await gateIn(early), 0);
  t.equal(await gateIn(late), 1);
});

t.test('known problems are no news beside a base', async (t) => {
  const { run, ask, acceptAll } = shop(t);
  const [base, head] = [run('base.gz', { mended: ['orders', 'sku'] }), run('head.gz')];
  const news = await ask('report', head, '--base', base, '--fail-on', 'new-causes');
  t.match(news, { code: 1, out: /2 new problems/ });
  await acceptAll(head);
  const known = await ask('report', head, '--base', base, '--fail-on', 'new-causes,unknown-causes');
  t.match(known, { code: 0, out: /0 new problems/ }, known.error);
  const { causes }: RunReport = JSON.parse((await ask('report', head, '--json')).out);
  t.match(
    causes.map((cause) => cause.accepted?.by),
    ['orders team', 'orders team', 'orders team'],
  );
  t.match(causes[0], { accepted: { why: 'old', file: 'tandem-known.json' }, sightings: undefined });
});

t.test('a run without a request can say nothing', async (t) => {
  const { run, gate } = shop(t);
  const { code, error } = await gate(run('none.gz', { routes: ['none'] }));
  t.equal(code, 2, error);
});

t.test('what is asked wrongly says what to do, and writes nothing', async (t) => {
  const { run, ask, path } = shop(t);
  const file = run('v1.gz');
  for (const [args, says] of [
    [['add'], /Name one problem/],
    [['add', 'all', '--run', file, '--by', 'a'], /--why TEXT/],
    [['add', 'all', '--run', file, '--why', 'a', '--by', ' '], /--by NAME/],
    [['add', 'all', '--run', file, '--why', 'a', '--by', 'b', '--until', 'soon'], /--until takes a day/],
    [['add', 'all', '--run', file, '--why', 'a', '--by', 'b', '--until', '2020-01-01'], /is past already/],
    [
      ['add', '0123456789ab', '--run', file, '--why', 'a', '--by', 'b'],
      /no problem "0123456789ab"\. It has these:\n {2}[0-9a-f]{12} {2}/,
    ],
    [['rename'], /no such command/],
  ] as const) {
    const { code, error } = await ask('known', ...args);
    t.match({ code, error }, { code: 2, error: says }, args.join(' '));
  }
  t.notOk(existsSync(path));
});

t.test('one problem is accepted by the id that the list has', async (t) => {
  const { run, ask, entries } = shop(t);
  const file = run('v1.gz');
  const { out } = await ask('known', '--run', file);
  const [, id = ''] = /known add ([0-9a-f]{12})/.exec(out.slice(out.indexOf("(reading 'sku')"))) ?? [];
  t.equal((await ask('known', 'add', id, '--run', file, '--by', 'a', '--why', 'b')).code, 0, out);
  t.match(entries(), [{ type: 'TypeError' }]);
});

t.test('nothing is written through a link, or outside of the repository', async (t) => {
  const { folder, run, ask, path } = shop(t);
  const file = run('v1.gz');
  const add = (...more: readonly string[]) =>
    ask('known', 'add', 'all', '--run', file, '--by', 'a', '--why', 'b', ...more);
  mkdirSync(join(folder, 'inner/.git'), { recursive: true });
  symlinkSync(join(folder, 'elsewhere.json'), path);
  t.match(await add(), { code: 2, error: /tandem-known\.json is a link/ });
  t.notOk(existsSync(join(folder, 'elsewhere.json')));
  rmSync(path);
  process.chdir(join(folder, 'inner'));
  t.match(await add('--known', '../tandem-known.json'), { code: 2, error: /is outside of/ });
  symlinkSync(folder, 'up');
  t.match(await add('--known', 'up/tandem-known.json'), { code: 2, error: /is outside of/ });
  t.notOk(existsSync(path));
});

t.test('a trigger about a finding can leave out what is known', async (t) => {
  const { folder, run, ask, acceptAll } = shop(t);
  const trigger = (name: string, more: object) => {
    const path = join(folder, name);
    const finding = { name, finding: 'repeated-call', threshold: { op: '>', value: 0 }, time_range: 86_400 };
    writeFileSync(path, JSON.stringify({ ...finding, ...more }));
    return path;
  };
  const [all, unknown] = [trigger('all.json', {}), trigger('unknown.json', { known: false })];
  const file = run('v1.gz');
  const check = async (path: string, ...more: readonly string[]) => {
    const { code, out } = await ask('check', path, '--run', file, '--json', ...more);
    return { code, value: JSON.parse(out).triggers[0].value };
  };
  t.same(await check(all), { code: 1, value: 6 });
  t.same(await check(unknown), { code: 1, value: 6 }, 'nothing is known yet');
  await acceptAll(run('orders.gz', { routes: ['orders'] }));
  t.same(await check(all), { code: 1, value: 6 });
  t.same(await check(unknown), { code: 1, value: 3 }, 'the other loop');
  await acceptAll(file);
  t.same(await check(unknown), { code: 0, value: 0 });
  t.same(await check(unknown, '--known', 'none'), { code: 1, value: 6 });
  const wrong = await ask('check', trigger('wrong.json', { known: 'no' }), '--run', file);
  t.equal(wrong.code, 2, wrong.out);
});

t.test('of samples a trigger counts each trace that nobody has accepted by its own rate', async (t) => {
  const { folder, run, ask } = shop(t);
  const path = join(folder, 'unknown.json');
  const threshold = { op: '>', value: 0 };
  const about = { finding: 'repeated-call', threshold, time_range: 86_400, known: false };
  writeFileSync(path, JSON.stringify({ name: 'loops', ...about }));
  const file = run('sample.gz', { routes: ['orders', 'checkout'], weights: { orders: 100, checkout: 2 } });
  const check = async () => JSON.parse((await ask('check', path, '--run', file, '--json')).out).triggers[0];
  t.match(await check(), { value: 306, seen: 6 });
  const orders = run('orders.gz', { routes: ['orders'] });
  await ask('known', 'add', 'all', '--run', orders, '--by', 'a', '--why', 'b');
  t.match(await check(), { value: 6, seen: 3, groups: [{ value: 6 }], groups_total: 1 });
});
