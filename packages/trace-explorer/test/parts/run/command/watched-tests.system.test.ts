// At night too: with the test runners of the registry, and `node --watch`.
import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Test } from 'tap';
import t from 'tap';
import { atNight } from '../../../../../../test/helpers/nightly.ts';
import { INSTALL_TIMEOUT_MS, npmInstall } from '../../../../../../test/helpers/npm.ts';
import { until } from '../../../../../../test/helpers/until.ts';
import { command } from '../../../core/command/planted.ts';
import { runsIn } from '../../../core/command/run-command.ts';

t.setTimeout(4 * INSTALL_TIMEOUT_MS);

/** After so long without another run, a change was missed. */
const MISSED_MS = 8_000;
const HOME = { OTEL_TRACES_EXPORTER: 'otlp', NO_COLOR: '1' };

/** A file of two tests that ask a server, which answers with an error as long as nobody has mended it. */
const cart = (runner: string, isMended: boolean) => `${runner}
  const http = process.getBuiltinModule('node:http');
  const statusOf = async () => {
    const server = http.createServer((request, response) => response.writeHead(${isMended ? 200 : 503}).end('{}'));
    await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { status } = await fetch('http://127.0.0.1:' + server.address().port + '/pay');
    server.closeAllConnections();
    server.close();
    return status;
  };
  test('pays', async () => {
    const status = await statusOf();
    if (status !== 200) throw new Error('not paid');
  });
  test('lists', () => {});
`;

/**
 * Runs a runner that watches under `run`, mends the file of tests when they have run, and stops it when they have run again.
 * @param settled what the runner says when the tests have run
 */
async function mendWhileWatching(
  t: Test,
  folder: string,
  args: readonly string[],
  settled: RegExp,
  [file, broken, mended]: readonly [string, string, string],
) {
  await writeFile(join(folder, file), broken);
  const { start } = runsIn(folder);
  const [kept, json] = [join(folder, 'run.gz'), join(folder, 'run.json')];
  const { child, ended, said } = start(t, ['--save', kept, '--json', json, '--', ...args], [], {
    ...HOME,
    XDG_DATA_HOME: join(folder, 'home'),
  });
  const settles = () => [...`${said.out}${said.err}`.matchAll(settled)].length;
  const what = () => said.out + said.err;
  await until(() => settles() > 0, { what });
  const before = settles();
  const mend = () => writeFile(join(folder, file), mended);
  await mend();
  // Only where nothing began: another change would stop a run that is on its way.
  let quiet = what().length;
  const again = setInterval(() => {
    if (what().length === quiet) void mend();
    quiet = what().length;
  }, MISSED_MS);
  await until(() => settles() > before, { what }).finally(() => clearInterval(again));
  child.kill('SIGINT');
  await ended;
  const { out } = await command(t, folder, ['report', kept], HOME);
  return { text: said.err, facts: JSON.parse(readFileSync(json, 'utf8')), report: out };
}

type Ending = Awaited<ReturnType<typeof mendWhileWatching>>;

/** That a run ended with two tests that pass, of which nothing is wrong. */
function passes(t: Test, { text, facts, report }: Ending): void {
  t.match(text, /^2 tests passed; nothing wrong found/m);
  t.match(facts, { tests: { passed: 2, failed: 0 } });
  t.same(facts.causes ?? [], []);
  t.notOk(facts.flaky?.length, text);
  t.match(report, /2 tests, 0 failed/);
  t.notMatch(report, /flaky|not paid/);
}

const NODE_TEST = `import { test } from 'node:test';`;

for (const [tests, watching] of [
  [t, ['--test', '--watch']],
  [atNight(t), ['--watch']],
] as const)
  tests.test(
    `a test that is mended while node ${watching.join(' ')} runs passes at the end of run`,
    async (t) => {
      const folder = t.testdir({ 'package.json': '{"name":"shop"}' });
      const file = 'cart.test.mjs';
      const args = [process.execPath, ...watching, file];
      const texts = [file, cart(NODE_TEST, false), cart(NODE_TEST, true)] as const;
      passes(t, await mendWhileWatching(t, folder, args, /\bfail \d/g, texts));
      const broken = [file, cart(NODE_TEST, true), cart(NODE_TEST, false)] as const;
      const { text, facts } = await mendWhileWatching(t, folder, args, /\bfail \d/g, broken);
      t.match(text, /^1 test passed, 1 failed/m);
      t.match(facts, { tests: { passed: 1, failed: 1 } });
    },
  );

const VITEST = {
  load: `import { test } from 'vitest';`,
  config: 'export default { test: { experimental: { openTelemetry: { enabled: true } } } };',
};

for (const [packages, args, settled, load] of [
  [['vitest@4.1', '@opentelemetry/api@1.9.1'], ['vitest', '--watch'], /ing for file changes/g, VITEST.load],
  [['vitest@5', '@opentelemetry/api@1.9.1'], ['vitest', '--watch'], /ing for file changes/g, VITEST.load],
  [['jest@30'], ['jest', '--watchAll', '--watchman=false'], /Ran all test suites/g, ''],
  [['mocha@11'], ['mocha', '--watch', 'cart.test.cjs'], /waiting for changes/g, 'const test = it;'],
] as const)
  atNight(t).test(
    `a test that is mended while ${packages[0]} watches passes at the end of run`,
    async (t) => {
      // Outside of the workspace, whose hidden folders some runners do not watch.
      const folder = await mkdtemp(join(tmpdir(), 'watched-'));
      t.teardown(() => rm(folder, { recursive: true, force: true }));
      await writeFile(join(folder, 'vitest.config.mjs'), VITEST.config);
      await npmInstall(folder, packages, { name: 'shop', private: true });
      const file = load === VITEST.load ? 'cart.test.mjs' : 'cart.test.cjs';
      const texts = [file, cart(load, false), cart(load, true)] as const;
      const jest = args[0] === 'jest' ? ['--testMatch=**/*.test.cjs'] : [];
      passes(t, await mendWhileWatching(t, folder, ['npx', '--no', '--', ...args, ...jest], settled, texts));
    },
  );
