import { setTimeout as sleep } from 'node:timers/promises';
import type { Ending, ProcessSpec } from './run-process.ts';
import { runProcess } from './run-process.ts';

/** One process that is started again when its files change, or when it has ended by itself. */
export interface Supervised {
  /** Of the process that runs now. */
  readonly pid: number | undefined;
  /** Resolves when it can serve for the first time; with what is wrong when it does not come to that. */
  readonly ready: Promise<string | undefined>;
  /** Resolves when it has ended by itself and is not started again. */
  readonly ended: Promise<Ending>;
  /** Starts it again with its files as they are now; `why` is for people. */
  restart(why: string): void;
  stop(graceMs: number): Promise<void>;
}

export interface Supervision {
  /** Gets each line that the process writes. */
  readonly print: (line: string) => void;
  /** Gets what is said about it. */
  readonly say: (line: string) => void;
  /** Called when another process runs than before. */
  readonly onStart: () => void;
  /** Milliseconds before each new start of a process that keeps on ending; then it is given up until a file changes. */
  readonly backoffMs?: readonly number[];
}

const BACKOFF_MS = [0, 1000, 2000, 4000, 8000];
/** A process that served for so long was no failed start. */
const STABLE_MS = 30_000;
/** Time for open requests to finish when files have changed. */
const RESTART_GRACE_MS = 10_000;

/** Starts a process and keeps it running; one without `watched` runs once. */
export function supervise(spec: ProcessSpec, supervision: Supervision): Supervised {
  const { print, say, onStart, backoffMs = BACKOFF_MS } = supervision;
  let stopping = false;
  let change = Promise.withResolvers<string>();
  let run = runProcess(spec, print);
  const { ready } = run;

  async function keepRunning(): Promise<Ending> {
    let failures = 0;
    let started = performance.now();
    for (;;) {
      const event = await Promise.race([run.ended, change.promise]);
      if (stopping) return run.ended;
      if (typeof event === 'string') {
        failures = 0;
        say(`${event}: starting again`);
        await run.stop(RESTART_GRACE_MS);
      } else {
        if (spec.watched === undefined || (await ready) !== undefined) return event;
        if (performance.now() - started > STABLE_MS) failures = 0;
        await pause(event, failures++);
      }
      if (stopping) return run.ended;
      change = Promise.withResolvers();
      started = performance.now();
      start();
    }
  }

  /** Waits before the next start; a changed file ends the wait. */
  async function pause({ how }: Ending, failures: number): Promise<void> {
    const wait = backoffMs[failures];
    if (wait === undefined) {
      say(`ended (${how}), for the ${failures + 1}th time in a row: it is started again when a file changes`);
      await change.promise;
    } else {
      say(`ended (${how}): starting again${wait > 0 ? ` in ${wait / 1000} s` : ''}`);
      const over = new AbortController();
      void change.promise.then(() => over.abort());
      await sleep(wait, undefined, { signal: over.signal }).catch(() => {});
    }
  }

  function start(): void {
    const current = runProcess(spec, print);
    run = current;
    onStart();
    void current.ready.then((problem) => {
      if (problem === undefined && run === current && !stopping) say('ready again');
    });
  }

  return {
    get pid() {
      return run.pid;
    },
    ready,
    ended: keepRunning(),
    restart: (why) => change.resolve(why),
    async stop(graceMs) {
      stopping = true;
      change.resolve('stopped');
      await run.stop(graceMs);
    },
  };
}
