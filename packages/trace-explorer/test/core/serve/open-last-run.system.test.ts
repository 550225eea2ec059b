import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Test } from 'tap';
import t from 'tap';
import { until } from '../../../../../test/helpers/until.ts';
import { appOf, callerEnv, REQUIRE, runsIn, startCommand } from '../command/run-command.ts';

// Alone in its process: the user's folder is the test's own.

// Each command is a process.
t.setTimeout(300_000);
const MAIN = fileURLToPath(import.meta.resolve('../../../start.js'));
const work = t.testdir({ app: { 'app.cjs': appOf('const work = async () => {};', REQUIRE) }, other: {} });
const app = join(work, 'app');
process.env.XDG_DATA_HOME = join(work, 'home');
const HOME = { OTEL_TRACES_EXPORTER: '' };
const { start, startExplorer } = runsIn(work);
const data = join(work, 'data');
const command = ['--', process.execPath, 'app.cjs'];

/** `open` in a folder. The browser is not there: PATH is empty. */
function open(t: Test, cwd: string, ...args: readonly string[]) {
  const env = { ...callerEnv(), ...HOME, PATH: '' };
  return startCommand(t, [process.execPath, MAIN, '--open', ...args], { cwd, env });
}

/** The first line that it prints: the address. */
async function addressOf({ said }: ReturnType<typeof open>): Promise<URL> {
  return new URL(
    await until(() => /^(http:\S+)\n/.exec(said.out)?.[1], { what: () => said.err, limitMs: 60_000 }),
  );
}

async function runsAt(url: URL): Promise<readonly { id: string; folder?: string; problems?: number }[]> {
  return ((await (await fetch(new URL('/api/runs', url))).json()) as { runs: [] }).runs;
}

t.test('the last run of a folder is shown by one explorer', async (t) => {
  const run = start(t, command, ['--data-dir', data], HOME, app);
  t.equal(await run.ended, 0, run.said.err);
  t.match(run.said.err, /\nShow this run: node \S+ --open\n$/, 'without the folder, which open knows');
  const first = open(t, app);
  const address = await addressOf(first);
  const [stored] = await runsAt(address);
  t.equal(address.searchParams.get('run'), stored?.id);
  t.match(stored, { folder: 'app', problems: 0 });
  t.notMatch(first.said.out, /Python|Java/);
  const again = open(t, app);
  t.equal(await again.ended, 0, again.said.err);
  t.equal(again.said.out, `${address}\n`, 'the explorer that has the folder open is named');
  first.child.kill('SIGTERM');
  await first.ended;

  const other = createServer().listen(Number(address.port), '127.0.0.1');
  t.teardown(() => other.close());
  const beside = await addressOf(open(t, app));
  t.not(beside.port, address.port, 'a program on the port keeps nobody from looking');
  t.equal(beside.searchParams.get('run'), stored?.id);
});

t.test('a run that went to an explorer which goes on is shown there', async (t) => {
  const { port, beside } = await startExplorer(t);
  const run = start(t, command, beside, HOME, app);
  t.equal(await run.ended, 0, run.said.err);
  const shown = open(t, app);
  t.equal(await shown.ended, 0, shown.said.err);
  t.match(shown.said.out, new RegExp(`^http://localhost:${port}/\\?run=\\S+\\n$`));
  t.match(run.said.err, `Show this run: ${shown.said.out}`);
});

t.test('a folder without a run is told, and data that is named is shown', async (t) => {
  const free = createServer().listen(0, '127.0.0.1');
  await new Promise((ready) => free.once('listening', ready));
  const { port } = free.address() as AddressInfo;
  free.close();
  const ports = ['--port', String(port), '--otlp-port', '0', '--grpc-port', 'off'];
  const elsewhere = open(t, join(work, 'other'), ...ports);
  t.equal(await elsewhere.ended, 1);
  t.match(
    elsewhere.said.err,
    /^No run of this folder is known\. .* run -- CMD, or start the explorer alone with /,
  );
  const named = open(t, app, ...ports, '--data-dir', join(work, 'named'));
  t.equal((await addressOf(named)).search, '');
  t.match(named.said.out, `The data of ${join(work, 'named')}`);
});
