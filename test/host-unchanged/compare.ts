import { spawn } from 'node:child_process';
import { copyFile, readFile } from 'node:fs/promises';
import { constants } from 'node:os';
import { basename, dirname, join } from 'node:path';
import type { Program } from './programs.ts';
import { pathOf } from './programs.ts';

/** Milliseconds after which a program is ended. The slowest takes a second, on a busy machine ten. */
const MOST_MS = 120_000;

/** What came of a program. */
export interface Outcome {
  readonly stdout: string;
  readonly stderr: string;
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** How a program runs. */
export interface Way {
  /** Node, and what it gets before the options and the program. */
  readonly node: readonly string[];
  /** A command that starts Node. It has lines of its own on stderr, and ends by a code where its child ended by a signal. */
  readonly command?: readonly string[];
}

export interface Place {
  /** Where the program is copied to and runs. */
  readonly folder: string;
  /** Where the packages are. */
  readonly app: string;
  /** Of Node. */
  readonly version: string;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** Runs a program in a folder, where it may write. */
export async function runProgram(
  program: Program,
  { node, command = [] }: Way,
  { folder, app, version, env }: Place,
): Promise<Outcome> {
  const source = pathOf(program);
  const file = join(folder, basename(source).replace(/\.txt$/, ''));
  await copyFile(source, file);
  await copyFile(join(import.meta.dirname, 'server.cjs'), join(folder, 'server.cjs'));
  const placed = (text: string) => text.replace('@DIR@', folder).replace('@APP@', app);
  // Before Node 25, permissions know nothing of networks.
  const isKnown = (flag: string) => flag !== '--allow-net' || Number.parseInt(version, 10) >= 25;
  const flags = (program.flags ?? []).filter(isKnown).map(placed);
  const more = Object.entries(program.env ?? {}).map(([key, value]) => [key, placed(value)]);
  // What the program itself says on stderr goes to a file, where a command says more. What a shell adds is for stderr as it is.
  const written = join(folder, 'stderr.txt');
  const hasOwn = command.length > 0 && program.shell === undefined;
  const first = `${program.before ?? ''}${hasOwn ? `exec 2>'${written}'; ` : ''}`;
  const started = [...node, ...flags, file];
  const all = [...command, ...(first === '' ? started : ['sh', '-c', `${first}exec "$@"`, 'sh', ...started])];
  const inShell = `${all.map((each) => `'${each.replaceAll("'", String.raw`'\''`)}'`).join(' ')} ${program.shell}; echo "status \${PIPESTATUS[0]}"`;
  const [name = '', ...args] = program.shell === undefined ? all : ['bash', '-c', inShell];
  const child = spawn(name, args, { cwd: folder, env: { ...env, ...Object.fromEntries(more) } });
  let [stdout, stderr] = ['', ''];
  child.stdout.on('data', (chunk) => (stdout += chunk));
  child.stderr.on('data', (chunk) => (stderr += chunk));
  child.stdin.on('error', () => {}); // ended before it read
  child.stdin.end(program.stdin ?? '');
  const late = setTimeout(() => child.kill('SIGKILL'), MOST_MS);
  const [code, signal] = await new Promise<[number | null, NodeJS.Signals | null]>((resolve) =>
    child.once('close', (...end) => resolve(end)),
  );
  clearTimeout(late);
  if (hasOwn) stderr = await readFile(written, 'utf8').catch(() => stderr);
  return { stdout: plainText(stdout, program), stderr: plainText(stderr, program), code, signal };
}

/** A sentence for each difference that a way makes. */
export function differencesOf(
  plain: Outcome,
  other: Outcome,
  { command }: Way,
  { shell }: Program,
): string[] {
  const ends = ({ code, signal }: Outcome) =>
    command && signal !== null ? `${128 + constants.signals[signal]}` : `${code} ${signal ?? ''}`.trim();
  const lost = linesWithout(plain.stderr, other.stderr);
  const more = command && shell !== undefined ? [] : linesWithout(other.stderr, plain.stderr);
  return [
    ...(plain.stdout === other.stdout
      ? []
      : [`stdout is ${short(other.stdout)}, plain ${short(plain.stdout)}`]),
    ...(ends(plain) === ends(other) ? [] : [`it ends with ${ends(other)}, plain ${ends(plain)}`]),
    ...(lost.length === 0 ? [] : [`stderr has not ${short(lost.join('\n'))}`]),
    ...(more.length === 0 ? [] : [`stderr has ${short(more.join('\n'))}`]),
  ];
}

/** Without what differs from run to run: ids of processes, ports, times, stacks of native code. */
function plainText(text: string, { drop }: Program): string {
  return text
    .replaceAll(/\(node:\d+\)/g, '(node:PID)')
    .replaceAll(/127\.0\.0\.1:\d+/g, 'HOST')
    .replaceAll(/"(?:remotePort|ms)":\d+/g, '"N":0')
    .replaceAll(/report\.\d\S*/g, 'REPORT')
    .replaceAll(/ \(\d{1,9}(?:\.\d{1,9})? ?m?s\)/g, '') // how long a test took
    .split('\n')
    .filter((line) => !drop?.test(line))
    .filter((line) => !/Native stack trace|^\s*\d+: 0x|^----- |---- Native|----- JavaScript/.test(line))
    .join('\n');
}

/** The lines of a text that another text has not, each as often as it is missing. */
function linesWithout(text: string, other: string): string[] {
  const there = other.split('\n');
  return text.split('\n').filter((line) => {
    const at = there.indexOf(line);
    if (at >= 0) there.splice(at, 1);
    return line !== '' && at < 0;
  });
}

function short(text: string): string {
  return JSON.stringify(text.length > 400 ? `${text.slice(0, 300)} … ${text.slice(-100)}` : text);
}

/** The environment of the programs, with this Node's folder first. */
export function environmentOf(
  node: string,
  home: string,
  more: Readonly<Record<string, string>>,
): Place['env'] {
  return {
    PATH: `${dirname(node)}:${process.env.PATH}`,
    HOME: home,
    LANG: 'C',
    NO_COLOR: '1',
    OTEL_LOG_LEVEL: 'none',
    DATA_DIR: join(home, 'data'),
    ...more,
  };
}
