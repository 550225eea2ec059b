import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

/** How a process is started, and how one sees that it can serve. */
export interface ProcessSpec {
  readonly name: string;
  /** Absolute working directory. */
  readonly directory: string;
  readonly arguments: readonly string[];
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Answers 200 once the process can serve. */
  readonly readyUrl: string;
  /** Absolute paths of files and folders; when one changes, or the process ends, it is started again. */
  readonly watched?: readonly string[];
}

/** A process from its start to its end. */
export interface Run {
  readonly pid: number | undefined;
  /** Resolves when the process can serve; with what is wrong when it does not come to that. */
  readonly ready: Promise<string | undefined>;
  /** Resolves when it has ended and its last line was printed. */
  readonly ended: Promise<Ending>;
  /** SIGTERM, and SIGKILL after `graceMs`; resolves when it has ended. */
  stop(graceMs: number): Promise<void>;
}

export interface Ending {
  /** For the exit code of a process that ends for the same reason. */
  readonly code: number;
  /** `exit code 1`, `SIGKILL`. */
  readonly how: string;
}

/** For how long a process that lives may take to be ready, in milliseconds, and how often it is said meanwhile. */
interface Patience {
  readonly limitMs: number;
  readonly sayEveryMs: number;
}

/** On a machine that has just installed, with other work and little memory, the first start takes over 30 s. */
const PATIENCE: Patience = { limitMs: 180_000, sayEveryMs: 20_000 };

/** Starts a process with Node; `print` gets each line that it writes, and why it is not ready yet. */
export function runProcess(
  spec: ProcessSpec,
  print: (line: string) => void,
  patience: Patience = PATIENCE,
): Run {
  const child = spawn(process.execPath, spec.arguments, {
    cwd: spec.directory,
    env: { ...spec.environment },
    stdio: ['ignore', 'pipe', 'pipe'],
    // A group of its own, so that Ctrl+C in a terminal does not reach it: who started it says when it is its turn.
    detached: process.platform !== 'win32', // there, it would open a window
  });
  for (const stream of [child.stdout, child.stderr]) createInterface({ input: stream }).on('line', print);
  const ended = endOf(child);
  const over = new AbortController();
  void ended.then(() => over.abort());
  const notStarted = ended.then(() => 'could not start; its last lines above say why.');
  return {
    pid: child.pid,
    ready: Promise.race([notStarted, waitUntilReady(spec, over.signal, patience, print)]),
    ended,
    stop(graceMs) {
      over.abort(); // one that is stopping would only log that it is not ready
      return stopChild(child, graceMs);
    },
  };
}

async function endOf(child: ChildProcess): Promise<Ending> {
  try {
    const [code, signal] = (await once(child, 'close')) as [number | null, NodeJS.Signals | null];
    return { code: code ?? 1, how: signal ?? `exit code ${code}` };
  } catch (error) {
    return { code: 1, how: error instanceof Error ? error.message : String(error) }; // not started at all
  }
}

async function waitUntilReady(
  { readyUrl }: ProcessSpec,
  over: AbortSignal,
  { limitMs, sayEveryMs }: Patience,
  print: (line: string) => void,
): Promise<string | undefined> {
  const began = Date.now();
  let sayAt = began + sayEveryMs;
  let seen = `nothing answers ${readyUrl}`;
  while (Date.now() < began + limitMs && !over.aborted) {
    try {
      const response = await fetch(readyUrl, { signal: AbortSignal.any([over, AbortSignal.timeout(1000)]) });
      const answer = await response.text();
      if (response.ok && !over.aborted) return undefined;
      seen = `${readyUrl} answers ${response.status}${reasonIn(answer)}`;
    } catch {
      // not listening yet
    }
    if (Date.now() >= sayAt && !over.aborted) {
      print(`not ready after ${seconds(Date.now() - began)}, and still waited for: ${seen}`);
      sayAt += sayEveryMs;
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return `was not ready within ${seconds(limitMs)}: ${seen}.`;
}

/** What is missing, by the problem details of a health check. */
function reasonIn(answer: string): string {
  try {
    const { detail } = JSON.parse(answer) as { detail?: unknown };
    return typeof detail === 'string' ? `, ${detail.replace(/\.$/, '')}` : '';
  } catch {
    return '';
  }
}

function seconds(ms: number): string {
  return `${Math.round(ms / 1000)} s`;
}

async function stopChild(child: ChildProcess, graceMs: number): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return;
  const exited = once(child, 'exit');
  child.kill('SIGTERM');
  const kill = setTimeout(() => child.kill('SIGKILL'), graceMs);
  await exited;
  clearTimeout(kill);
}
