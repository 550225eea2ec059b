import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { COMPILE_CACHE } from './compile-cache.ts';

/** A process of the workspace: how to start it, and how to know that it can serve. */
export interface Part {
  readonly name: string;
  /** Absolute working directory. */
  readonly directory: string;
  readonly arguments: readonly string[];
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Answers 200 once the process can serve. */
  readonly readyUrl: string;
  /** Absolute paths of files and folders. A change of one, or the end of the process, starts the process again. */
  readonly watched?: readonly string[];
}

/** A process from its start to its end. */
export interface Run {
  /** Resolves when the process can serve, or with the reason why it cannot. */
  readonly ready: Promise<string | undefined>;
  /** Resolves when it has ended and its last line was printed. */
  readonly ended: Promise<Ending>;
  /** Sends SIGTERM, and SIGKILL later; resolves when the process has ended. */
  stop(): Promise<void>;
}

export interface Ending {
  /** The exit code; 1 after a signal. */
  readonly code: number;
  /** `exit code 1`, `SIGKILL`. */
  readonly how: string;
}

/** Time for open requests to finish. */
const GRACE_MS = 10_000;
const END_WITH_PARENT = import.meta.resolve('./end-with-parent.ts');
/** The first start after an install takes over 30 s on a busy machine with little memory. */
const READY_MS = 180_000;

/** Starts a process with Node. @param print gets each line of the process */
export function runPart(part: Part, print: (line: string) => void, limitMs = READY_MS): Run {
  const child = spawn(process.execPath, [...quiet(), '--import', END_WITH_PARENT, ...part.arguments], {
    cwd: part.directory,
    env: { NODE_COMPILE_CACHE: COMPILE_CACHE, ...part.environment },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    // A process group of its own, so that Ctrl+C in a terminal does not reach it: this process stops its parts in order.
    detached: process.platform !== 'win32', // there, it would open a window
  });
  for (const stream of [child.stdout, child.stderr])
    if (stream !== null) createInterface({ input: stream }).on('line', print);
  const over = new AbortController();
  const ended = endOf(child).finally(() => over.abort());
  const notStarted = ended.then(() => 'could not start; its last lines above say why.');
  return {
    ready: Promise.race([notStarted, waitUntilReady(part.readyUrl, over.signal, limitMs)]),
    ended,
    async stop() {
      over.abort(); // a stopping process would only log that it is not ready
      child.kill('SIGTERM');
      const kill = setTimeout(() => child.kill('SIGKILL'), GRACE_MS);
      await ended;
      clearTimeout(kill);
    },
  };
}

/** This process's own flags that keep Node's warnings away: Node 22 calls what Tandem uses experiments. */
function quiet(): string[] {
  return process.execArgv.filter((flag) => flag.startsWith('--disable-warning='));
}

async function endOf(child: ChildProcess): Promise<Ending> {
  try {
    const [code, signal] = (await once(child, 'close')) as [number | null, NodeJS.Signals | null];
    return { code: code ?? 1, how: signal ?? `exit code ${code}` };
  } catch (error) {
    return { code: 1, how: error instanceof Error ? error.message : String(error) }; // not started at all
  }
}

async function waitUntilReady(url: string, over: AbortSignal, limitMs: number): Promise<string | undefined> {
  const began = Date.now();
  let seen = `nothing answers ${url}`;
  while (Date.now() < began + limitMs && !over.aborted) {
    try {
      const response = await fetch(url, { signal: AbortSignal.any([over, AbortSignal.timeout(1000)]) });
      const answer = await response.text();
      if (response.ok && !over.aborted) return undefined;
      seen = `${url} answers ${response.status}${reasonIn(answer)}`;
    } catch {
      // not listening yet
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return `was not ready within ${limitMs / 1000} s: ${seen}.`;
}

/** The reason in the problem details of a health check. */
function reasonIn(answer: string): string {
  const [, detail] = /"detail":"([^"]*?)\.?"/.exec(answer) ?? [];
  return detail === undefined ? '' : `, ${detail}`;
}
