import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import t from 'tap';
import { startNode } from '../../../../../test/helpers/processes.ts';
import { until } from '../../../../../test/helpers/until.ts';
import { sendLeftovers } from '../../child-process.ts';
import { startReceiver } from '../../receiver.ts';

// Processes in a folder of the system's, below no project of anybody's: their calls and failures have lines.

t.jobs = 2;
const receiver = await startReceiver(t);
const folder = realpathSync(mkdtempSync(join(tmpdir(), 'places-')));
t.teardown(() => rmSync(folder, { recursive: true }));
const REGISTER = import.meta.resolve('../../../src/register.ts');
const INDEX = JSON.stringify(import.meta.resolve('../../../src/index.ts'));

function write(path: string, text: string): string {
  const whole = join(folder, path);
  mkdirSync(dirname(whole), { recursive: true });
  writeFileSync(whole, text);
  return whole;
}

/** A module whose line 2 calls, and whose line 5 fails. */
const WORK = `export const call = async (url) => {
  await (await fetch(url, { method: 'POST' })).text();
};
export const fail = () => {
  throw new Error('planned');
};
`;
/** Calls, fails, and throws what another service told. */
const main = (work: string) => `
import { withSpan } from ${INDEX};
import { call, fail } from ${JSON.stringify(work)};
const quietly = (name, work) => withSpan(name, {}, work).catch(() => {});
await quietly('calls ' + process.env.CASE, () => call(process.env.OTEL_EXPORTER_OTLP_ENDPOINT));
await quietly('fails ' + process.env.CASE, async () => fail());
await quietly('told ' + process.env.CASE, async () => {
  throw Object.assign(new Error('told'), { stack: 'Error: told\\n    at work (' + process.env.PIPE + ':1:1)' });
});
`;

write('plain/main.mjs', main('./work.mjs'));
write('plain/work.mjs', WORK);
write('mono/package.json', '{}');
write('mono/apps/shop/package.json', '{}');
write('mono/apps/shop/main.mjs', main('prices/work.mjs'));
write('mono/libs/prices/package.json', '{ "name": "prices" }');
write('mono/libs/prices/work.mjs', WORK);
mkdirSync(join(folder, 'mono/apps/shop/node_modules'));
symlinkSync(join(folder, 'mono/libs/prices'), join(folder, 'mono/apps/shop/node_modules/prices'));
symlinkSync(join(folder, 'plain'), join(folder, 'link'));
const PIPE = join(folder, 'plain/pipe.mjs');
execFileSync('mkfifo', [PIPE]);

/** How a case says that libraries get no channels. */
const WITHOUT_CHANNELS = 'without injected channels';
const CASES: Readonly<Record<string, readonly [cwd: string, main: string, options?: readonly string[]]>> = {
  'a folder without .git and package.json': ['plain', 'plain/main.mjs'],
  'the root of the file system': ['/', 'plain/main.mjs'],
  'another folder than that of the script, without injected channels': ['mono/libs', 'plain/main.mjs'],
  'a monorepo without .git, whose linked package works': ['mono/apps/shop', 'mono/apps/shop/main.mjs'],
  'a link': ['link', 'link/main.mjs', ['--preserve-symlinks-main']],
};

for (const [what, [cwd, main, options = []]] of Object.entries(CASES))
  t.test(`${what}: calls and failures have lines`, async (t) => {
    const env = {
      OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
      OTEL_SERVICE_NAME: 'places',
      DATA_DIR: t.testdir(),
      TRACE_CODE_LOCATIONS: 'true',
      TRACE_INJECTED_CHANNELS: String(!what.includes(WITHOUT_CHANNELS)),
      CASE: what,
      PIPE,
    };
    const child = startNode(
      cwd === '/' ? '/' : join(folder, cwd),
      [...options, '--import', REGISTER, join(folder, main)],
      env,
    );
    t.teardown(() => child.stop('SIGKILL'));
    t.equal(await child.exited, 0, child.output());
    await sendLeftovers(env);
    const named = (span: string) => receiver.spans().find((each) => each.name === `${span} ${what}`);
    const told = await until(() => named('told'), { what: () => child.output() });
    t.match(told.attributes, { 'code.file.path': /pipe\.mjs$/, 'code.line.number': undefined });
    t.match(named('fails')?.attributes, { 'code.file.path': /work\.mjs$/, 'code.line.number': 5 });
    const call = receiver.spans().find(({ parentSpanId }) => parentSpanId === named('calls')?.spanId);
    t.match(call?.attributes, { 'code.file.path': /work\.mjs$/, 'code.line.number': 2 });
  });
