import { pathToFileURL } from 'node:url';
import { Worker } from 'node:worker_threads';

/** Statements that write between two checkpoints: some 50 POSTs, whose pages are written back within milliseconds. */
const STATEMENTS = 250;

/**
 * Writes the write-ahead log of a SQLite file back to it, on a thread of its own: SQLite would do so at a COMMIT, and
 * wait for the disk, with the event loop. Neither reading nor writing waits for it.
 */
export class Checkpoints {
  readonly #path: string;
  #thread: Worker | undefined;
  #isBusy = false;
  #statements = 0;

  constructor(path: string) {
    this.#path = path;
  }

  /** To be called after each statement that writes; now and then the log is written back. */
  wrote(): void {
    if (++this.#statements < STATEMENTS || this.#isBusy) return;
    this.#statements = 0;
    this.#isBusy = true;
    this.#thread ??= this.#start();
    this.#thread.postMessage('write back');
  }

  /** Resolves when the thread, if there is one, has closed the file. */
  async close(): Promise<void> {
    const thread = this.#thread;
    if (thread === undefined) return;
    thread.ref();
    await new Promise((resolve) => {
      thread.once('exit', resolve);
      thread.postMessage('close');
    });
  }

  #start(): Worker {
    const script = new URL('./checkpoint-thread.ts', import.meta.url);
    const file = pathToFileURL(this.#path);
    file.searchParams.set('mode', 'rw'); // one that was removed is not made again
    // Without the options of the process: nothing is traced there.
    const thread = new Worker(script, { workerData: file.href, execArgv: [], env: {} });
    thread.on('message', () => {
      this.#isBusy = false;
    });
    thread.on('error', () => {}); // it ends then, and SQLite writes back by itself when the log is long
    thread.on('exit', () => {
      this.#thread = undefined;
      this.#isBusy = false;
    });
    thread.unref();
    return thread;
  }
}
