import { relative } from 'node:path';
import { styleText } from 'node:util';
import { watch } from 'chokidar';
import type { Ending, Part, Run } from './run-part.ts';
import { runPart } from './run-part.ts';

export interface Supervisor {
  /** Resolves when every part is ready; rejects with the name of a part that ends or fails before. */
  readonly ready: Promise<void>;
  /** Resolves with the end of a part that was ready and has ended for good. */
  readonly ended: Promise<Ending & { readonly name: string }>;
  /** Stops every part, the last one first, because its open requests may need the parts before it. */
  stop(): Promise<void>;
}

const COLORS = ['cyan', 'yellow', 'magenta'] as const;
/** Changes within this time are one change: saving all files, or a checkout. */
const SETTLE_MS = 100;

/**
 * Starts the first part, and the others when it is ready, because they send their spans to it. Prints each line of a part
 * behind the part's name. All parts stop when this process ends, whatever ends it. A part with watched files starts again
 * when a file changes, or when the part has ended.
 */
export function supervise(parts: readonly Part[], print: (prefix: string, line: string) => void): Supervisor {
  const width = Math.max(...parts.map(({ name }) => name.length));
  const kept: { readonly name: string; readonly run: Run }[] = [];
  let stopping = false;

  async function start(part: Part, index: number): Promise<void> {
    if (stopping) return;
    const prefix = styleText(COLORS[index % COLORS.length] ?? 'cyan', `${part.name.padEnd(width)} │ `);
    const run = keepRunning(part, (line) => print(prefix, line));
    kept.push({ name: part.name, run });
    const problem = await run.ready;
    if (problem !== undefined) throw new Error(`${part.name} ${problem}`);
  }
  async function startAll(): Promise<void> {
    const [first, ...others] = parts.map((part, index) => () => start(part, index));
    await first?.();
    await Promise.all(others.map((startOther) => startOther()));
  }

  const ready = startAll();
  return {
    ready,
    ended: ready.then(
      () => Promise.race(kept.map(async ({ name, run }) => ({ name, ...(await run.ended) }))),
      () => new Promise(() => {}),
    ),
    async stop() {
      stopping = true;
      for (const { run } of kept.toReversed()) await run.stop();
    },
  };
}

/** A part as one run, however often its process starts again. */
function keepRunning(part: Part, print: (line: string) => void): Run {
  const say = (line: string) => print(styleText('bold', line));
  let stopping = false;
  let change = Promise.withResolvers<string>();
  let run = runPart(part, print);
  const first = run.ready;
  const watcher = watchFiles(part, (path) => change.resolve(path));

  function startAgain(): void {
    change = Promise.withResolvers();
    const next = runPart(part, print);
    run = next;
    void next.ready.then((problem) => {
      if (problem === undefined && run === next && !stopping) say('ready again');
    });
  }

  async function loop(): Promise<Ending> {
    for (;;) {
      const event = await Promise.race([run.ended, change.promise]);
      if (stopping) return run.ended;
      if (typeof event === 'string') {
        say(`${event} changed: starting again`);
        await run.stop();
      } else {
        if (watcher === undefined || (await first) !== undefined) return event;
        // A part that could not start would end again, so a file has to change first.
        const wasReady = (await run.ready) === undefined;
        say(`ended (${event.how}): ${wasReady ? 'starting again' : 'it restarts when a file changes'}`);
        if (!wasReady) await change.promise;
      }
      if (stopping) return run.ended;
      startAgain();
    }
  }

  return {
    // A change before the watcher is ready would be lost.
    ready: Promise.all([first, watcher?.ready]).then(([problem]) => problem),
    ended: loop(),
    async stop() {
      stopping = true;
      change.resolve('');
      await watcher?.close();
      await run.stop();
    },
  };
}

/**
 * Watches the files of a part. It also sees changes of a file that git or an editor has replaced; `node --watch` does not.
 * @param onChange gets one of the changed paths, when the changes have stopped
 */
function watchFiles({ watched = [], directory }: Part, onChange: (path: string) => void) {
  if (watched.length === 0) return undefined;
  const watcher = watch([...watched], { ignoreInitial: true, atomic: SETTLE_MS });
  let timer: NodeJS.Timeout | undefined;
  watcher.on('all', (_event, path) => {
    clearTimeout(timer);
    timer = setTimeout(() => onChange(relative(directory, path)), SETTLE_MS);
  });
  return {
    ready: new Promise<void>((resolve) => watcher.once('ready', resolve)),
    close() {
      clearTimeout(timer);
      return watcher.close();
    },
  };
}
