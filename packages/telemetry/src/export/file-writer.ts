import type { Batch } from '../wire/batch.ts';
import { DiskTasks } from './disk-tasks.ts';
import type { SpoolFile } from './spool-file.ts';
import type { SpoolFiles } from './spool-files.ts';
import { isMissing } from './spool-files.ts';
import type { SpoolFolder } from './spool-folder.ts';

export interface FileWriterOptions {
  readonly folder: SpoolFolder;
  readonly disk: SpoolFiles;
  readonly onWritten: (items: number) => void;
  /** Called when a write has failed: the file ends before it. */
  readonly onBroken: (file: SpoolFile) => void;
  /** Called when somebody has removed what was there. */
  readonly onMissing: () => void;
  readonly onError: (error: unknown) => void;
}

/** Writes and removes files of a spool in the background, one after the other. */
export class FileWriter {
  readonly #options: FileWriterOptions;
  readonly #tasks = new DiskTasks();

  constructor(options: FileWriterOptions) {
    this.#options = options;
  }

  /** Has the folder made, unless it is there. */
  makeFolder(): void {
    const { folder, onError } = this.#options;
    if (folder.isMade) return;
    this.#tasks.add({
      run: () => folder.make(),
      runSync: () => folder.makeSync(),
      onFailed: onError,
    });
  }

  /** Has a batch written behind those that the file has. */
  append(file: SpoolFile, batch: Batch): void {
    const { disk, onWritten } = this.#options;
    const { path, bytes: offset } = file;
    file.unwritten.push(batch);
    file.bytes += batch.body.length;
    file.items += batch.items;
    const isUseless = () => file.isGone || file.isBroken;
    this.#tasks.add({
      run: async () => {
        if (!isUseless()) await disk.write(path, batch.body, offset, offset === 0);
      },
      runSync: () => {
        if (!isUseless()) disk.writeSync(path, batch.body, offset, offset === 0);
      },
      onDone: () => {
        if (isUseless()) return;
        file.unwritten.shift();
        file.written += batch.body.length;
        onWritten(batch.items);
      },
      onFailed: (error) => this.#notWritten(file, error),
    });
  }

  /** Has a file removed. A process that ends does not wait for that: what it could not remove is sent twice. */
  remove({ path }: SpoolFile): void {
    this.#tasks.add({
      run: () => this.#options.disk.remove(path),
      runSync() {},
      onFailed: (error) => this.#failed(error),
    });
  }

  /** Resolves when the disk has followed. */
  settled(): Promise<void> {
    return this.#tasks.settled();
  }

  /** Has the disk follow before it returns. */
  settleSync(): void {
    this.#tasks.finishSync();
  }

  /** Forgets what is not done yet. */
  drop(): void {
    this.#tasks.drop();
  }

  #notWritten(file: SpoolFile, error: unknown): void {
    const { folder, onMissing, onBroken, onError } = this.#options;
    if (file.isGone) return;
    if (isMissing(error) && folder.isMade) {
      onMissing();
      return;
    }
    file.isBroken = true;
    if (folder.isMade) onError(error);
    onBroken(file);
  }

  #failed(error: unknown): void {
    if (isMissing(error)) this.#options.onMissing();
    else this.#options.onError(error);
  }
}
