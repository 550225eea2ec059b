import { appendFileSync, readFileSync, readlinkSync } from 'node:fs';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startsContainers } from './ending/containers.ts';
import type { Seen } from './watch.ts';

/** How often `run` looks at the command's processes, in milliseconds: some that it cannot reach live shortly. */
const LOOK_MS = 200;

/** So long a process may have an empty environment: Linux fills it while the program starts. */
const FILLS_MS = 400;

const PRELOAD = fileURLToPath(import.meta.resolve('#preload'));
const WITHOUT_OPTIONS =
  'it was started without the NODE_OPTIONS of run. Leave the variable as it is where the process is started';
/** Options that a sentence can repeat. */
const PLAIN_OPTIONS = /^[-\w=./: ]{1,100}$/;
const WITHOUT_ENVIRONMENT = 'it was started without the environment of run; pass process.env on to it';

/** A file of a package. Without any NODE_OPTIONS it is a helper that a tool starts for itself, as Vitest its watchdog. */
const OF_PACKAGE = /[\\/]node_modules[\\/](?!\.bin[\\/])/;

/** Options of Node with a value that is an argument of its own. */
const WITH_VALUE = /^(?:-[repC]|--(?:require|import|loader|eval|print|conditions))$/;

/**
 * Writes down each process of Node below this one that starts without what `run` gives a process, so that no module of `run` is
 * in it: a script sets NODE_OPTIONS itself, or gives another environment. And each that starts containers. Linux tells; elsewhere nobody knows of the process.
 *
 * @param uses file that `watch.ts` writes to
 * @returns how to stop
 */
export function watchUnreached(uses: string): () => void {
  const known = new Set<number>();
  const empty = new Map<number, number>();
  const look = setInterval(() => {
    for (const pid of below(process.pid)) {
      const found = known.has(pid) ? undefined : unreached(pid, empty);
      if (found === undefined) continue;
      known.add(pid);
      try {
        appendFileSync(uses, `${JSON.stringify(found)}\n`);
      } catch {} // the disk is full; the command goes on
    }
  }, LOOK_MS);
  return () => clearInterval(look);
}

/** The processes that a process has started, and those that these have. */
function below(pid: number): number[] {
  const children = read(`/proc/${pid}/task/${pid}/children`)?.match(/\d+/g)?.map(Number) ?? [];
  return children.flatMap((child) => [child, ...below(child)]);
}

/**
 * Whether an environment that is empty may be one that is not there yet: until a later look finds it empty, too.
 * @param empty since when processes have an empty one @param now milliseconds
 */
export function mayFill(empty: Map<number, number>, pid: number, now: number): boolean {
  const since = empty.get(pid) ?? now;
  empty.set(pid, since);
  return now - since < FILLS_MS;
}

/** Whether Node runs with `--permission`, and may not write what telemetry keeps and what `run` reads. */
function isRestricted(words: readonly string[]): boolean {
  const options = words.flatMap((each) => each.split(' '));
  const isLimited = options.includes('--permission') || options.includes('--experimental-permission');
  return isLimited && !options.includes('--allow-fs-write=*');
}

/** What the command itself is, where it ended before anybody looked. */
export function restrictedCommand(command: readonly string[], seen: readonly Seen[]): Seen[] {
  const isNew = isRestricted(command) && !seen.some(({ use }) => use === 'restricted');
  return isNew ? [{ pid: 0, file: fileIn(command), use: 'restricted' }] : [];
}

/** @param empty since when processes have an empty environment */
function unreached(pid: number, empty: Map<number, number>): Seen | undefined {
  const text = read(`/proc/${pid}/environ`);
  const environment = text?.split('\0');
  const words = read(`/proc/${pid}/cmdline`)?.split('\0') ?? [];
  const has = (name: string, part: string) =>
    environment?.some((each) => each.startsWith(`${name}=`) && each.includes(part));
  if (startsContainers(words)) return { pid, file: words[0] ?? '', use: 'containers' };
  const options = environment?.filter((each) => each.startsWith('NODE_OPTIONS=')) ?? [];
  const isTraced = has('TANDEM_RUN_USES', '') && has('NODE_OPTIONS', PRELOAD);
  if (isTraced && isRestricted([...words, ...options.map((each) => each.slice(13))]) && isNode(pid))
    return { pid, file: fileIn(words), use: 'restricted' };
  // The program is read last: an ending process has an empty environment, and no program.
  if (environment === undefined || has('NODE_OPTIONS', PRELOAD) || !isNode(pid)) return undefined;
  const file = fileIn(words);
  if (OF_PACKAGE.test(file) && !has('NODE_OPTIONS', '')) return undefined;
  if (text === '' && mayFill(empty, pid, performance.now())) return undefined;
  const name = has('TANDEM_RUN_USES', '') ? withoutOptions(environment) : WITHOUT_ENVIRONMENT;
  return { pid, file, use: 'untraced', name };
}

/** What to write where the process was started, so that it keeps what `run` set. */
function withoutOptions(environment: readonly string[]): string {
  const [, own = ''] =
    environment.map((each) => /^NODE_OPTIONS=(.*)/s.exec(each)).find((each) => each !== null) ?? [];
  if (own.trim() === '') return WITHOUT_OPTIONS;
  const shown = PLAIN_OPTIONS.test(own) ? own.trim() : '…';
  return `its script replaces NODE_OPTIONS. Write NODE_OPTIONS="$NODE_OPTIONS ${shown}" there`;
}

function isNode(pid: number): boolean {
  try {
    return basename(readlinkSync(`/proc/${pid}/exe`)) === 'node';
  } catch {
    return false;
  }
}

/** The file that Node runs; the first word of a title that the process has given itself, such as `next-server`. */
function fileIn([program = '', ...args]: readonly string[]): string {
  if (program.includes(' ')) return program.split(' ')[0] ?? '';
  const file = args.find((word, at) => !word.startsWith('-') && !WITH_VALUE.test(args[at - 1] ?? '')) ?? '';
  return file === '' && basename(program) !== 'node' ? program : file;
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined; // has ended, or is another user's
  }
}
