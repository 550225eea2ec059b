import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';

/** Holds the `_seq` of a record whose reading did not end. */
const NOTE_NAME = 'stuck-record';

/** Runs beside the event loop, which such a record holds. JavaScript in a text, so that a bundle contains it. */
const WATCHER = `
const { writeFileSync } = require('node:fs');
const { workerData: { at, path, patienceMs } } = require('node:worker_threads');
let known = -1n;
let since = 0;
setInterval(() => {
  const seq = Atomics.load(at, 0);
  if (seq !== known) [known, since] = [seq, performance.now()];
  else if (seq >= 0n && performance.now() - since > patienceMs) writeFileSync(path, String(seq), { mode: 0o600 });
}, patienceMs / 10);`;

/**
 * Notes on disk which record of the journal a start reads for too long. The next start finds the note, and leaves the record
 * aside instead of standing still as well.
 */
export class RecordWatch {
  readonly #at = new BigInt64Array(new SharedArrayBuffer(8)).fill(-1n);
  readonly #path: string;
  readonly #patienceMs: number;
  #watcher: Worker | undefined;
  #stuck: number | undefined;

  constructor(directory: string, patienceMs: number) {
    this.#path = join(directory, NOTE_NAME);
    this.#patienceMs = patienceMs;
  }

  /** `_seq` of the record that an earlier start read for too long. @param position the file has the rows before it */
  async stuck(position: number): Promise<number | undefined> {
    const seq = Number(await readFile(this.#path, 'utf8').catch(() => -1));
    if (seq >= position) this.#stuck = seq;
    return this.#stuck;
  }

  /** Reads a record, or a part of it. */
  reading<T>(seq: number, read: () => T): T {
    this.#watcher ??= this.#watch();
    Atomics.store(this.#at, 0, BigInt(seq));
    try {
      return read();
    } finally {
      Atomics.store(this.#at, 0, -1n);
    }
  }

  /** @param isDone whether every record was read in the end; the note of an earlier start stays as long as its record */
  async end(isDone: boolean): Promise<void> {
    await this.#watcher?.terminate();
    if (isDone && this.#stuck === undefined) await rm(this.#path, { force: true });
  }

  #watch(): Worker {
    const workerData = { at: this.#at, path: this.#path, patienceMs: this.#patienceMs };
    // Without the options of the process, which could start telemetry in the thread.
    const watcher = new Worker(WATCHER, { eval: true, workerData, execArgv: [], env: {} });
    // Where the note cannot be written, the next start reads the record again.
    return watcher.on('error', () => {});
  }
}
