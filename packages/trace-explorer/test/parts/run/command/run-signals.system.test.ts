import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { constants } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import t from 'tap';
import { IS_NIGHT } from '../../../../../../test/helpers/nightly.ts';
import { npmInstall } from '../../../../../../test/helpers/npm.ts';
import { until } from '../../../../../../test/helpers/until.ts';
import { callerEnv, runsIn } from '../../../core/command/run-command.ts';

// At night too: with more launchers and signals.

// A signal reaches the app as often as without `run`, whoever sends it to whom, and the exit code is the same.

t.setTimeout(600_000);
const MAIN = fileURLToPath(import.meta.resolve('../../../../start.js'));
const PNPM = 'pnpm@10.34.9';
/** Notes that it is there, and each signal, and ends a second after the first. */
const APP = `
  const note = (line) => require('node:fs').appendFileSync('noted', line + '\\n');
  for (const [name, code] of [['SIGINT', 130], ['SIGTERM', 143], ['SIGHUP', 129]])
    process.on(name, () => { note(name); setTimeout(process.exit, 1000, code); });
  setInterval(() => {}, 1000);
  note('up');
`;
const FILES = {
  'package.json': '{ "scripts": { "dev": "node app.cjs" } }',
  'app.cjs': APP,
  'plain.cjs': `require('node:fs').appendFileSync('noted', 'up\\n'); setInterval(() => {}, 1000);`,
};
const work = t.testdir();
const { startExplorer } = runsIn(work);
const { port } = await startExplorer(t);
if (IS_NIGHT) await npmInstall(join(work, 'pnpm'), [PNPM]);

const NODE = process.execPath;
const COMMANDS: Readonly<Record<string, readonly string[]>> = {
  node: [NODE, 'app.cjs'],
  npm: ['npm', 'run', 'dev'],
  ...(IS_NIGHT && {
    'without a listener': [NODE, 'plain.cjs'],
    pnpm: [NODE, join(work, 'pnpm', 'node_modules', 'pnpm', 'bin', 'pnpm.cjs'), 'run', 'dev'],
    shell: ['sh', '-c', 'node app.cjs; exit $?'],
  }),
};
const SIGNALS: readonly NodeJS.Signals[] = IS_NIGHT ? ['SIGINT', 'SIGTERM'] : ['SIGINT'];

/** How the signal is sent to a command: by a key of its terminal, or by somebody, to its group or to its first process alone. */
const ROADS = {
  'to all': { inTerminal: false, isForAll: true },
  'to one': { inTerminal: false, isForAll: false },
  'in a terminal': { inTerminal: true, isForAll: true },
  'in a terminal, to one': { inTerminal: true, isForAll: false },
} as const;

interface Ended {
  readonly code: number;
  readonly signals: readonly string[];
  readonly said: string;
}

const quoted = (words: readonly string[]) => words.map((word) => `'${word}'`).join(' ');
let folders = 0;

/** Starts a command, sends a signal when its app is up, and resolves with how it has ended. */
async function end(
  command: readonly string[],
  { inTerminal, isForAll }: (typeof ROADS)[keyof typeof ROADS],
  signal: NodeJS.Signals,
): Promise<Ended> {
  const cwd = join(work, `app-${folders++}`);
  await mkdir(cwd);
  for (const [name, text] of Object.entries(FILES)) await writeFile(join(cwd, name), text);
  const line = `echo $$ > pid; exec ${quoted(command)}`;
  const [program, ...args] = inTerminal
    ? ['script', '--quiet', '--return', '--flush', '--command', line, '/dev/null']
    : ['sh', '-c', line];
  const child = spawn(program, args, { cwd, env: callerEnv(), detached: true });
  t.teardown(() => child.exitCode === null && child.signalCode === null && child.kill('SIGKILL'));
  let said = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (said += chunk));
  const closed = once(child, 'close') as Promise<[number | null, NodeJS.Signals | null]>;
  const noted = () => {
    const file = join(cwd, 'noted');
    return existsSync(file) ? readFileSync(file, 'utf8').trim().split('\n') : [];
  };
  await until(() => noted().includes('up'), { what: () => said });
  const pid = Number(readFileSync(join(cwd, 'pid'), 'utf8'));
  if (inTerminal && isForAll) child.stdin.write('\x03');
  else process.kill(isForAll ? -pid : pid, signal);
  const [code, by] = await closed;
  return { code: code ?? 128 + constants.signals[by ?? 'SIGINT'], signals: noted().slice(1), said };
}

const plains = new Map<string, Ended>();

/**
 * How a command ends without `run` when its whole group gets the signal. Two signals of one kind are one for a process that has
 * had no time to take the first, so a command that got fewer than with `run` is asked again.
 */
async function plainEnd(
  command: readonly string[],
  inTerminal: boolean,
  signal: NodeJS.Signals,
  signals: number,
): Promise<Ended> {
  const key = `${command} ${inTerminal} ${signal}`;
  let plain = plains.get(key) ?? (await end(command, { inTerminal, isForAll: true }, signal));
  for (let again = 0; again < 2 && plain.signals.length < signals; again++)
    plain = await end(command, { inTerminal, isForAll: true }, signal);
  plains.set(key, plain);
  return plain;
}

/** The pairs of the day: a process takes the signal itself, or npm passes it on. */
const BY_DAY = new Set(['to all: node', 'in a terminal: node', 'to one: npm', 'in a terminal: npm']);

for (const [road, how] of Object.entries(ROADS))
  for (const [name, command] of Object.entries(COMMANDS).filter(
    ([name]) => IS_NIGHT || BY_DAY.has(`${road}: ${name}`),
  ))
    for (const signal of how.inTerminal ? (['SIGINT'] as const) : SIGNALS)
      t.test(`${signal} ${road}: ${name}`, async (t) => {
        const run = await end([NODE, MAIN, 'run', '--port', port, '--', ...command], how, signal);
        // `run` passes a signal that was sent to it alone on to all that it started, some of which would keep it for themselves.
        const plain = await plainEnd(command, how.inTerminal, signal, run.signals.length);
        t.same([...new Set(run.signals)], [...new Set(plain.signals)], run.said);
        t.ok(run.signals.length <= plain.signals.length, `${run.signals}, plain ${plain.signals}`);
        t.equal(run.code, plain.code, run.said);
      });
