import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Result } from 'tap-parser';
import { Parser } from 'tap-parser';
import { stringify } from 'yaml';
import { END_CHILDREN } from './end-children.ts';
import { ROOT } from './root.ts';

/** The result of test files. */
export interface TestFilesResult {
  /** All that they printed: TAP 14. */
  readonly tap: string;
  /** Number of assertions that held. */
  readonly passed: number;
  /** One text per assertion that did not hold: its name, and where and why it failed. */
  readonly failures: readonly string[];
}

/** Seconds after which tap ends a test file. */
const TAP_TIMEOUT = 300;
/** Milliseconds after which a process of test files that has not ended is killed. */
const LIMIT_MS = 60 * 60_000;
/** Lines of a failure that are printed. A diagnostic may hold a whole connection pool. */
const MOST_LINES = 40;
/** Imports the files that the variable TEST_FILES lists. */
const TOGETHER = fileURLToPath(import.meta.resolve('./import-test-files.ts'));
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
 */
export async function runTestFiles(
  files: readonly string[],
  variables: NodeJS.ProcessEnv = {},
): Promise<TestFilesResult> {
  const [first = ''] = files;
  // The argument gives each process its own folders of `t.testdir()`.
  const child = spawn(
    process.execPath,
    ['--import', END_CHILDREN, files.length === 1 ? first : TOGETHER, `${process.pid}-${++count}`],
    {
      cwd: ROOT,
      env: {
        ...process.env,
        ...variables,
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
  const parser = new Parser();
  parser.on('pass', () => passed++);
  for (const event of ['fail', 'skip', 'todo'])
    parser.on(event, (result: Result) => failures.push(describe(result)));
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    tap += text;
    parser.write(text);
  });
  const [code, signal] = (await once(child, 'close')) as [number | null, NodeJS.Signals | null];
  parser.end();
  if (pid !== undefined) running.delete(pid);
  if (failures.length === 0 && (code !== 0 || !parser.results?.ok))
    failures.push(
      `the process ended with ${signal ?? `exit code ${code}`} after ${passed} assertions that held`,
    );
  return { tap, passed, failures };
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

/** Two spaces before each line. */
export function indent(text: string): string {
  return text.replace(/^(?=.)/gm, '  ');
}
