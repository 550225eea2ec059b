import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { globSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Result } from 'tap-parser';
import { Parser } from 'tap-parser';
import { stringify } from 'yaml';
import { ROOT } from '../../tools/root.ts';
import { END_CHILDREN } from './end-children.ts';

/** The result of test files. */
export interface TestFilesResult {
  /** All that they printed: TAP 14. */
  readonly tap: string;
  /** Number of assertions that held. */
  readonly passed: number;
  /** One text per assertion that did not hold: its name, and where and why it failed. */
  readonly failures: readonly string[];
  /** Seconds that each file took, with what it loads first. */
  readonly seconds: Readonly<Record<string, number>>;
}

/** An assertion that did not hold. */
export interface TestFailure {
  readonly file: string;
  /** The test of the file that it is in, if it is in one. */
  readonly test: string | undefined;
  /** Its name, and where and why it failed. */
  readonly text: string;
}

/** Seconds after which tap ends a test file. */
const TAP_TIMEOUT = 300;
/** Milliseconds after which a process of test files that has not ended is killed. */
const LIMIT_MS = 60 * 60_000;
/** Lines of a failure that are printed. A diagnostic may hold a whole connection pool. */
const MOST_LINES = 40;
/** Imports the files that the variable TEST_FILES lists. */
const TOGETHER = fileURLToPath(import.meta.resolve('./import-test-files.ts'));
/** Milliseconds until a process ends whose teardowns have failed: what they say of it has been printed then. */
const TELLING_MS = 1_000;
/** Tap's comment, after all results. It leaves out the other teardowns then, and the process would stay. */
const TEARDOWN_FAILED = /^# error thrown in teardown/;
/** Why tap leaves out a test that TAP_GREP does not name. */
const LEFT_OUT = /^filter: /;
const running = new Set<number>();
let count = 0;

/** Sends a signal to each test file that runs, and to the processes that it has started. */
export function signalTestFiles(signal: NodeJS.Signals): void {
  for (const pid of running) {
    try {
      process.kill(-pid, signal);
    } catch {
      // It has ended meanwhile.
    }
  }
}

/**
 * Runs test files in a process of their own, one as `node FILE` does, several one after the other, and reads their TAP.
 * @param files relative to the workspace
 * @param variables beside those of this process
 * @param onFailure is told of each failure when it happens
 */
export async function runTestFiles(
  files: readonly string[],
  variables: NodeJS.ProcessEnv = {},
  onFailure: (failure: TestFailure) => void = () => {},
): Promise<TestFilesResult> {
  const [first = ''] = files;
  // Explorers write themselves down there, and commands of other tests find them.
  const dataHome = mkdtempSync(join(tmpdir(), 'tandem-test-'));
  // The argument gives each process its own folders of `t.testdir()`.
  const own = `${process.pid}-${++count}`;
  const child = spawn(
    process.execPath,
    ['--import', END_CHILDREN, files.length === 1 ? first : TOGETHER, own],
    {
      cwd: ROOT,
      env: {
        ...process.env,
        XDG_DATA_HOME: dataHome,
        ...variables,
        // Tap would remove them before the teardowns that end who still writes there.
        TAP_SAVE_FIXTURE: '1',
        TAP_TIMEOUT: String(TAP_TIMEOUT * files.length),
        ...(files.length > 1 && { TEST_FILES: files.join() }),
      },
      stdio: ['ignore', 'pipe', 'inherit'],
      detached: true, // leads a group of its own, for signals
      timeout: LIMIT_MS,
      killSignal: 'SIGKILL',
    },
  );
  const { pid } = child;
  if (pid !== undefined) running.add(pid);
  let tap = '';
  let passed = 0;
  const failures: string[] = [];
  const fail = (text: string, test?: string) => {
    failures.push(text);
    onFailure({ file, test, text });
  };
  let file = first;
  let test = '';
  const begun = new Map([[file, performance.now()]]);
  const parser = new Parser();
  const loads = new Map(files.map((each) => [isLoaded(each), each]));
  parser.on('pass', ({ name }: Result) => {
    if (!loads.has(name)) passed++;
  });
  parser.on('child', ({ name }: Parser) => {
    test = name;
    const loaded = loads.get(name);
    if (loaded === undefined) return;
    file = loaded;
    if (file !== first) begun.set(file, performance.now());
  });
  for (const event of ['fail', 'skip', 'todo'])
    parser.on(event, (result: Result) => {
      if (LEFT_OUT.test(String(result.skip))) return;
      fail(describe(result), result.fullname === result.name ? undefined : test);
    });
  parser.on('comment', (comment: string) => {
    if (!TEARDOWN_FAILED.test(comment)) return;
    fail('a teardown failed, with the error that was printed');
    setTimeout(() => child.kill('SIGKILL'), TELLING_MS).unref();
  });
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    tap += text;
    parser.write(text);
  });
  const [code, signal] = (await once(child, 'close')) as [number | null, NodeJS.Signals | null];
  parser.end();
  for (const folder of [dataHome, ...fixturesOf(own)]) rmSync(folder, { recursive: true, force: true });
  if (pid !== undefined) running.delete(pid);
  if (failures.length === 0 && (code !== 0 || !parser.results?.ok))
    fail(`the process ended with ${signal ?? `exit code ${code}`} after ${passed} assertions that held`);
  const starts = [...begun.values(), performance.now()];
  const took = [...begun.keys()].map((each, i) => [each, ((starts[i + 1] ?? 0) - (starts[i] ?? 0)) / 1000]);
  return { tap, passed, failures, seconds: Object.fromEntries(took) };
}

/** The folders of `t.testdir()` in a process: tap names them by its arguments. */
function fixturesOf(argument: string): string[] {
  return [`*-${argument}`, `*-${argument}-*`].flatMap((name) =>
    globSync(join('.tap/fixtures', name), { cwd: ROOT }).map((path) => join(ROOT, path)),
  );
}

function describe({ fullname, skip, todo, diag }: Result): string {
  if (skip || todo) return `${fullname}: left out (${skip || todo})`;
  const lines = diag === null ? [] : stringify(diag, asText, { lineWidth: 0 }).trimEnd().split('\n');
  const left = lines.length - MOST_LINES;
  if (left > 0) lines.splice(MOST_LINES, left, `… ${left} lines more in the TAP`);
  return [fullname, ...lines.map(indent)].join('\n');
}

/** YAML has no form for functions and symbols, which tap's diagnostics may hold. */
function asText(_key: unknown, value: unknown): unknown {
  return typeof value === 'function' || typeof value === 'symbol' ? String(value) : value;
}

/** The name of the test that loads a file in a process of several: see `import-test-files.ts`. */
const isLoaded = (file: string) => `${file} is loaded`;

/** The value of TAP_GREP with which only tests run whose name contains the text. */
export function grepOf(text: string): string {
  // A test that loads a file is none of the file's.
  return `/${text.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&')}|\\.test\\.ts is loaded$/`;
}

/** Two spaces before each line. */
export function indent(text: string): string {
  return text.replace(/^(?=.)/gm, '  ');
}
