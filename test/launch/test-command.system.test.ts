import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import t from 'tap';
import { findChromium } from '../../scripts/lib/find-chromium.ts';
import { IS_NIGHT } from '../helpers/nightly.ts';
import { ROOT, startNode } from '../helpers/processes.ts';
import { until } from '../helpers/until.ts';

// At night too: with tap's own command, and every end of a test.

/** `node tandem test` with these arguments. */
function startTests(...args: string[]) {
  return startNode('.', ['scripts/test.ts', ...args], {});
}

/** tap's own command takes half a minute on a machine that does other things as well. */
t.setTimeout(300_000);

const importTap = `import t from ${JSON.stringify(import.meta.resolve('tap'))};\n`;

t.test('failures are printed, then the counts, and the exit code is 1', async (t) => {
  const directory = t.testdir({
    'good.test.ts': `${importTap}t.equal(1 as number, 1);`,
    'bad.test.ts': `${importTap}t.equal(1 as number, 1); t.equal(1 as number, 2, 'one is two');`,
  });
  const [good, bad] = ['good', 'bad'].map((name) => startTests(join(directory, `${name}.test.ts`)));
  t.equal(await good?.exited, 0);
  t.match(good?.output(), /^1 passed, 0 failed$/m);
  t.equal(await bad?.exited, 1);
  t.match(bad?.output(), /one is two/);
  t.match(bad?.output(), /^1 passed, 1 failed$/m);
});

t.test('a failure that names a function is printed', async (t) => {
  const directory = t.testdir({
    'bad.test.ts': `${importTap}t.fail('of a function', { found: function look() {}, mark: Symbol('mark') });`,
  });
  const bad = startTests(join(directory, 'bad.test.ts'));
  t.equal(await bad.exited, 1);
  t.match(bad.output(), /found: .*function look/);
  t.match(bad.output(), /^0 passed, 1 failed$/m);
});

t.test('a long failure is cut, and the TAP has the rest', async (t) => {
  const directory = t.testdir({
    'bad.test.ts': `${importTap}t.fail('of a pool', { clients: Array.from({ length: 100 }, (_, id) => 'client ' + id) });`,
  });
  const bad = startTests(join(directory, 'bad.test.ts'));
  t.equal(await bad.exited, 1);
  t.match(bad.output(), /client 9\n/);
  t.match(bad.output(), /… \d+ lines more in the TAP/);
  t.notMatch(bad.output(), 'client 99');
});

if (IS_NIGHT)
  t.test("tap's own command runs a file: .taprc leaves the types to Node", async (t) => {
    const tap = startNode(
      '.',
      ['node_modules/tap/dist/esm/run.mjs', 'test/honeycomb/key-source.test.ts'],
      {},
    );
    t.equal(await tap.exited, 0, tap.output());
    t.match(tap.output(), /pass: [1-9]/);
  });

t.test(
  'test:nightly runs the long form of a file that says that it has one, and no other command does',
  async (t) => {
    const says = `${importTap}t.equal(process.env.TEST_NIGHTLY, undefined);`;
    const directory = t.testdir({
      'long.test.ts': `// At night too: with more.\n${says}`,
      'short.test.ts': says,
    });
    const [long, short] = ['long', 'short'].map((name) => join(directory, `${name}.test.ts`));
    for (const [args, counts] of [
      [['--nightly', long], '0 passed, 1 failed'],
      [['--nightly', short], '1 passed, 0 failed'],
      [[long], '1 passed, 0 failed'],
    ] as const) {
      const tests = startTests(...args.map(String));
      await tests.exited;
      t.match(tests.output(), counts);
    }
  },
);

t.test('a missing file is named, and nothing runs', async (t) => {
  const none = startTests('test/nothing.test.ts');
  t.equal(await none.exited, 2);
  t.match(none.output(), 'There is no file test/nothing.test.ts.');
});

t.test('a folder stands for the fast files in it', async (t) => {
  const counts: string[] = [];
  for (const folder of ['test/deploy', 'packages/telemetry/test/lanes']) {
    const tests = startTests(folder);
    t.equal(await tests.exited, 0, tests.output());
    counts.push(/^\d+ passed, 0 failed$/m.exec(tests.output())?.[0] ?? '');
  }
  t.match(counts, [/^[1-9]/, '0 passed, 0 failed'], 'all files of the second are of the night');
});

t.test('a signal ends the tests, then the command', async (t) => {
  const directory = t.testdir({
    'hangs.test.ts': `import { writeFileSync } from 'node:fs';
writeFileSync(import.meta.dirname + '/pid', String(process.pid));
setTimeout(() => {}, 60_000);`,
  });
  const pid = join(directory, 'pid');
  const tests = startTests(join(directory, 'hangs.test.ts'));
  await until(() => existsSync(pid) && readFileSync(pid, 'utf8') !== '');
  t.equal(await tests.stop('SIGTERM'), 128 + 15);
  t.throws(() => process.kill(Number(readFileSync(pid, 'utf8')), 0), { code: 'ESRCH' });
});

/** A test that starts two processes, and writes its own id and their ports. The second one leads a group and ignores SIGTERM. */
const STARTS = `import { spawn } from 'node:child_process';
import { appendFileSync } from 'node:fs';
const file = import.meta.dirname + '/started';
const listen = \`process.on('SIGTERM', () => process.argv[2] || process.exit());
  const server = require('node:net').createServer().listen(0, '127.0.0.1', () =>
    require('node:fs').appendFileSync(process.argv[1], server.address().port + '\\\\n'))\`;
appendFileSync(file, process.pid + '\\n');
spawn(process.execPath, ['-e', listen, file]);
spawn(process.execPath, ['-e', listen, file, 'ignores SIGTERM'], { detached: true });`;

t.test('what ends the process of a test, or the command, ends what the test has started', async (t) => {
  const all = [
    ['test', 'SIGKILL'],
    ['command', 'SIGTERM'],
    ['test', 'SIGALRM'],
    ['command', 'SIGKILL'],
  ] as const;
  const ends = IS_NIGHT ? all : all.slice(0, 2);
  const directory = t.testdir(
    Object.fromEntries(ends.map((end) => [end.join(' '), { 'starts.test.ts': STARTS }])),
  );
  const endings = ends.map(async ([whose, signal]) => {
    const folder = join(directory, `${whose} ${signal}`);
    const tests = startTests(join(folder, 'starts.test.ts'));
    const [pid = 0, ...ports] = await until(
      () => {
        const started = join(folder, 'started');
        const lines = existsSync(started) ? readFileSync(started, 'utf8').trim().split('\n') : [];
        return lines.length === 3 && lines.map(Number);
      },
      { what: () => tests.output() },
    );
    process.kill(whose === 'test' ? pid : (tests.child.pid ?? 0), signal);
    for (const port of ports)
      await until(() => isFree(port), { what: `${signal} to the ${whose} ends the process at ${port}` });
    await tests.exited;
  });
  await Promise.all(endings);
});

async function isFree(port: number): Promise<boolean> {
  const server = createServer().listen(port, '127.0.0.1');
  return once(server, 'listening').then(
    () => Boolean(server.close()),
    () => false,
  );
}

t.test('CHROMIUM_PATH wins over the usual places of Chromium', async (t) => {
  const directory = t.testdir({ chromium: '' });
  t.equal(findChromium({ CHROMIUM_PATH: join(directory, 'chromium') }), join(directory, 'chromium'));
  t.equal(findChromium({ CHROMIUM_PATH: join(directory, 'nowhere') }), undefined);
});

t.test('exactly the tests that open a browser end in .browser.test.ts', async (t) => {
  const directory = join(ROOT, 'packages/trace-explorer/test/page');
  for (const file of readdirSync(directory, { recursive: true, encoding: 'utf8' })) {
    if (!file.endsWith('.test.ts')) continue;
    const opens = /\/(?:browser|firefox|workspace|open-query|open-trace|log-fixtures|traced-page)\.ts'/.test(
      readFileSync(join(directory, file), 'utf8'),
    );
    // `test:nightly` finds browsers, too.
    if (!file.endsWith('.nightly.test.ts')) t.equal(file.endsWith('.browser.test.ts'), opens, file);
  }
});
