import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t from 'tap';
import { RULE_NAMES } from '../../../../src/core/traces/findings/rules.ts';
import { checkCommand as command } from '../../../../src/parts/check/command/check.ts';
import { nodeParts } from '../../../../src/parts.node.ts';
import { contextOf } from '../../../../src/run-command.ts';
import { runCli } from '../../../core/command/run-cli.ts';
import { temporaryExplorer } from '../../../explorer.ts';
import { randomId, storeSpans } from '../../../spans.ts';

/** Requests of two routes: 100 fast ones, 10 slow ones now, 10 slow ones six minutes ago. */
const NOW = Date.now();
const request = (name: string, durationMs: number, secondsAgo: number) => ({
  name,
  durationMs,
  service: 'shop',
  kind: 2,
  start: BigInt(NOW - secondsAgo * 1000) * 1_000_000n,
});
const REQUESTS = [
  ...Array.from({ length: 100 }, (_, i) => request('GET /fast', 10 + (i % 10), 20)),
  ...Array.from({ length: 10 }, () => request('GET /slow\u001b[2J', 500, 20)),
  ...Array.from({ length: 10 }, () => request('GET /slow\u001b[2J', 600, 360)),
];

const checkCommand = (args: readonly string[]) => command(args, contextOf(nodeParts));
const folder = mkdtempSync(join(tmpdir(), 'check-'));
t.teardown(() => rmSync(folder, { recursive: true }));
let files = 0;
const write = (content: unknown) => {
  const path = join(folder, `${++files}.json`);
  writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content));
  return path;
};

const { app, store } = await temporaryExplorer(t);
await app.listen({ port: 0, host: '127.0.0.1' });
const url = `http://127.0.0.1:${(app.server.address() as AddressInfo).port}`;
const check = (...args: string[]) => runCli('check', ['--url', url, ...args]);
const trigger = (query: object, threshold: object, more: object = {}) => ({
  name: 'T',
  query: { time_range: 300, ...query },
  threshold,
  frequency: 300,
  ...more,
});
const max = (threshold: number, query: object = {}) =>
  trigger({ calculations: [{ op: 'MAX', column: 'duration_ms' }], ...query }, { op: '>', value: threshold });

t.test('a check of an empty store has no data, with any column', async (t) => {
  const file = write(
    trigger({ filters: [{ column: 'no.such.column', op: 'exists' }] }, { op: '>', value: 5 }),
  );
  const failed = await check(file);
  t.match(failed, { code: 1, out: /^\? T: no data, the store is empty\n\n0 of 1 hold, 1 without data\.\n$/ });
  t.match(await check(file, '--no-data', 'pass'), { code: 0, out: /0 of 1 hold, 1 without data/ });
});

t.test('triggers over the stored spans', async (t) => {
  await storeSpans(store, REQUESTS);

  t.test('exit code 0 and the numbers when all hold', async (t) => {
    const { code, out, error } = await check(write(max(550)), write([max(550)]));
    t.equal(code, 0, error);
    t.equal(
      out,
      '✓ T: MAX(duration_ms) is 500, would fire when > 550\n✓ T: MAX(duration_ms) is 500, would fire when > 550\n\n2 of 2 hold.\n',
    );
  });

  t.test('exit code 1 with groups, furthest first, and a link when one fires', async (t) => {
    const { code, out } = await check(write(max(15, { breakdowns: ['name'] })), write(max(550)));
    t.equal(code, 1);
    t.match(
      out,
      /^✗ T: MAX\(duration_ms\) is 500, fires when > 15\n {4}500 {2}name="GET \/slow\\u001b\[2J"\n {4}19 {2}name="GET \/fast"\n {4}http:\/\/127/,
    );
    t.match(out, /\n1 of 2 hold, 1 fire\.\n$/);
    t.notMatch(out, '\u001b', 'a name cannot speak to the terminal');
  });

  t.test('JSON has everything', async (t) => {
    const { code, out } = await check('--json', write(max(15)), write({ ...max(1), disabled: true }));
    t.equal(code, 1);
    t.match(JSON.parse(out), {
      ok: false,
      triggers: [
        { status: 'fires', value: 500, calculation: 'MAX(duration_ms)', threshold: { op: '>', value: 15 } },
        { status: 'disabled' },
      ],
    });
  });

  t.test(
    'a count of nothing is 0 where there are other events, and a value of nothing is no data',
    async (t) => {
      const filters = [{ column: 'name', op: '=', value: 'never' }];
      t.match(await check(write(trigger({ filters }, { op: '>', value: 0 }))), {
        code: 0,
        out: /COUNT is 0, would/,
      });
      t.match(await check(write(trigger({ filters }, { op: '<', value: 1 }))), {
        code: 1,
        out: /COUNT is 0, fires/,
      });
      t.match(await check(write(max(1, { filters }))), {
        code: 1,
        out: /no data, no event fits the filters from/,
      });
      const old = trigger({ filters, time_range: 300 }, { op: '>', value: 0 });
      t.match(await check('--at', '12h', write(old)), { code: 1, out: /no data, there is no event at all/ });
      const column = [{ op: 'MAX', column: 'severity_code' }];
      t.match(await check(write(max(1, { calculations: column }))), {
        code: 1,
        out: /has a value of severity_code/,
      });
    },
  );

  t.test('exceeded_limit asks for several times in a row; --at for another time', async (t) => {
    const twice = { ...max(450), threshold: { op: '>', value: 450, exceeded_limit: 2 } };
    t.match(await check(write(twice)), { code: 1, out: /fires when > 450 2 times in a row/ });
    const beyond = { ...max(550), threshold: { op: '>', value: 550, exceeded_limit: 2 } };
    t.match(await check(write(beyond)), { code: 0 }, 'before, but not now');
    t.match(await check('--at', '5m', write(max(550))), { code: 1, out: /is 600/ });
  });

  t.test('Markdown is a table in which names stay text', async (t) => {
    const names = { ...max(15, { breakdowns: ['name'] }), name: '<b>a|b</b> [x](y) @me http://z' };
    const { code, out } = await check('--markdown', write(names), write({ ...max(1), disabled: true }));
    t.equal(code, 1);
    const [head, , fires = '', off, none, sum] = out.split('\n');
    t.equal(head, '| | trigger | outcome |');
    t.match(
      fires,
      /^\| ✗ \| \[\\<b\\>a\\\|b\\<\/b\\> \\\[x\\\]\(y\) \\@me http\\:\/\/z\]\(<http:\/\/127\S+>\) \| MAX\(duration\\_ms\) is 500, fires when \\> 15<br>500 {2}name="GET \/slow\\\\u001b\\\[2J"<br>19 {2}name="GET \/fast" \|$/,
    );
    t.same([off, none, sum], ['| - | T | disabled |', '', '0 of 2 hold, 1 fire, 1 disabled.']);
  });

  t.test('a finding as a trigger counts the traces that have it', async (t) => {
    const calls = (trace: string, route: string, count: number) => {
      const traceId = randomId(16);
      const spanId = randomId(8);
      return [
        { ...request(route, 90, 20), traceId, spanId },
        ...Array.from({ length: count }, (_, i) => ({
          traceId,
          parentSpanId: spanId,
          service: 'shop',
          name: `SELECT ${trace}`,
          kind: 3,
          start: BigInt(NOW - 20_000 + 1 + 10 * i) * 1_000_000n,
          durationMs: 9,
        })),
      ];
    };
    await storeSpans(store, [
      ...calls('users', 'GET /cart', 6),
      ...calls('users', 'GET /cart', 7),
      ...calls('users', 'GET /home', 1),
    ]);
    const finding = (more: object, value = 0) => ({
      name: 'N+1',
      finding: 'repeated-call',
      time_range: 300,
      threshold: { op: '>', value },
      ...more,
    });
    const fires = await check(write([finding({ route: 'GET /cart', service: 'shop' }), finding({}, 2)]));
    t.equal(fires.code, 1, fires.error);
    t.match(
      fires.out,
      /^✗ N\+1: COUNT\(repeated-call\) is 2, fires when > 0\n {4}2 {2}service="shop" name="SELECT users" sentence="SELECT users of shop is called many times by one request.*\n {4}http:\/\/127\S+\/trace\/\w+\?finding=repeated-call%3A\w+\n✓ N\+1: COUNT\(repeated-call\) is 2, would fire when > 2\n/,
    );
    t.match(await check(write(finding({ route: 'GET /home' }))), { code: 0, out: /is 0, would fire/ });
    t.match(await check(write(finding({ route: 'GET /none' }))), {
      code: 1,
      out: /^\? N\+1: no data, there is no trace of GET \/none from/,
    });
    await t.rejects(
      checkCommand(['--url', url, write(finding({ finding: 'slow', colour: 'red' }))]),
      {
        exitCode: 2,
        message: new RegExp(`colour: is not .*"slow" is not supported; one of ${RULE_NAMES.join(', ')}`),
      },
      'an unknown rule names those that there are',
    );
  });

  t.test(
    'with --bisect the exit code is 0 for good, 1 for bad, and 125 where nothing can be said',
    async (t) => {
      const none = write(max(1, { filters: [{ column: 'name', op: '=', value: 'GET /none' }] }));
      const [good, bad, all] = [write(max(9999)), write(max(1)), 'http://127.0.0.1:9'];
      t.equal((await check('--bisect', good)).code, 0);
      t.equal((await check('--bisect', bad)).code, 1);
      t.equal((await check('--bisect', none)).code, 125, 'nothing came');
      t.equal((await check('--bisect', none, bad)).code, 1);
      t.equal((await check('--bisect', none, '--no-data', 'pass')).code, 0);
      await t.rejects(
        checkCommand(['--bisect', good, '--url', all]),
        { name: 'CliError', exitCode: 125 },
        'nobody answers',
      );
      await t.rejects(checkCommand(['--bisect', join(folder, 'none.json'), '--url', url]), {
        name: 'CliError',
        exitCode: 125,
      });
    },
  );

  t.test('exit code 2 with advice when the explorer does not answer', async (t) => {
    const cases = [
      [[join(folder, 'none.json')], /none\.json cannot be read: it, or its folder, is not there\.\n?$/],
      [[folder], /^\S+ cannot be read: it is a folder\.\n?$/],
      [[write([]), write(max(1))], /\.json: it has no triggers, so nothing would be checked\.\n?$/],
      [[`${write(max(1))}/x.json`], /x\.json cannot be read: a part of its path is not a folder\.\n?$/],
      [[write('')], /\.json is not JSON: .*end of JSON/],
      [[write('no JSON')], /\.json is not JSON: .*JSON/],
      [
        [write({ ...max(1), baseline_details: { offset_minutes: 60 } })],
        /\.json: baseline_details: the explorer does not compare/,
      ],
      [[write(max(1, { limit: 5 }))], /\.json: query\.limit: /],
      [[write(max(1, { breakdowns: ['colour'] }))], /\.json: .*colour/],
      [['--no-data', 'maybe', write(max(1))], /--no-data takes fail or pass/],
      [['--loud'], /Unknown option '--loud'[\s\S]*Exit code 0/],
      [
        ['--url', 'http://127.0.0.1:9', write(max(1))],
        /No trace explorer answers at .*start the explorer alone with/,
      ],
    ] as const;
    const [[first, error]] = cases;
    t.match(await check(...first), { code: 2, out: /^$/, error });
    // What a process prints and ends with, without one for each.
    for (const [args, message] of cases)
      await t.rejects(
        checkCommand(['--url', url, ...args]),
        { name: 'CliError', exitCode: 2, message },
        args.join(' '),
      );
  });
});
