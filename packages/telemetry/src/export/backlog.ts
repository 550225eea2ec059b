import { setTimeout as sleep } from 'node:timers/promises';
import type { Undelivered } from './export-batch.ts';
import type { Spool, TakenFile } from './spool.ts';
import type { SpoolFile } from './spool-folder.ts';

/** The spool is sent at this rate, in bytes per millisecond: 4 MiB/s. */
const RATE = (4 * 1024 * 1024) / 1_000;

/** How the files of a spool are sent. */
export interface BacklogOptions {
  readonly spool: Spool;
  /** Whether a request may begin now. */
  readonly maySend: () => boolean;
  /** Sends a file; resolves when it is finished, or put back. */
  readonly send: (taken: TakenFile) => Promise<void>;
}

/** Sends the files of the spool beside what comes newly: one at a time, oldest first, at a limited rate. */
export class Backlog {
  readonly #options: BacklogOptions;
  #isSending = false;
  /** Whether a person has to mend something: then the spool waits until something is taken. */
  #isHeld = false;
  #refused: SpoolFile | undefined;
  /** Whether the process ends: then the rate does not matter. */
  isEnding = false;

  constructor(options: BacklogOptions) {
    this.#options = options;
  }

  /** Whether nothing of it is being sent, or could be. */
  isDone(isFailing: boolean): boolean {
    return !this.#isSending && (isFailing || this.#isHeld || this.#options.spool.isEmpty);
  }

  /** Whether a file was refused already because something was to be mended: when it is refused again, it is given up. */
  isRefused(file: SpoolFile): boolean {
    return file === this.#refused;
  }

  /** An export ended, of a file or not. */
  settled(undelivered: Undelivered | undefined, file: SpoolFile | undefined): void {
    const isToMend = undelivered?.isToMend ?? false;
    if (isToMend && file) this.#refused = file;
    if (isToMend || !undelivered) this.#isHeld = isToMend;
  }

  /** Sends files until one has to wait. */
  async send(): Promise<void> {
    if (this.#isSending) return;
    this.#isSending = true;
    while (!this.#options.spool.isEmpty && this.#maySend) {
      const taken = await this.#options.spool.take();
      if (!taken) break;
      if (!this.#maySend) {
        this.#options.spool.putBack(taken.file);
        break;
      }
      await this.#options.send(taken);
      if (!this.isEnding) await sleep(taken.batch.body.length / RATE, undefined, { ref: false });
    }
    this.#isSending = false;
  }

  get #maySend(): boolean {
    return !this.#isHeld && this.#options.maySend();
  }
}
