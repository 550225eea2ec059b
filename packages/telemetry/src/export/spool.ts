import { randomUUID } from 'node:crypto';
import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { lstat, mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isError } from '../process/is-error.ts';
import type { Logger } from '../report/logger.ts';
import { readableItems } from './readable-items.ts';
import type { SignalName } from './signal.ts';
import type { Tally } from './tally.ts';

/** A claim that is older, in milliseconds, no longer counts: its process has died, or stands still. */
const CLAIM_MS = 60_000;

/** How often an error of the file system is logged, in milliseconds. */
const LOG_EVERY_MS = 60_000;

/** A file takes at least a block of the disk. */
const MIN_FILE_BYTES = 4096;

/** Folders and files are for this user only. */
const FOLDER = { recursive: true, mode: 0o700 };
const FILE = { mode: 0o600 };

/**
 * The name of a file: when it was begun, and how many items are in it, so that a damaged file can be counted. A claimed
 * file has the time of the claim at its end, and `-begun` while it is written.
 */
const FILE_NAME = /^(\d{15}-.+?(?:_(\d+))?\.spans)(?:\.(\d+)(?:-begun)?)?$/;

/** Writes a file of the spool. */
export type WriteFile = (path: string, bytes: Uint8Array) => Promise<void>;

export interface SpoolOptions {
  /** The folder of all processes that have this service and this destination. */
  readonly directory: string;
  readonly signal: SignalName['name'];
  /** The items in words, as they begin a sentence: `Spans for otlp`. */
  readonly what: string;
  readonly maxBytes: number;
  /** How long a claim holds, in milliseconds; default a minute. */
  readonly claimMs?: number;
  readonly writeFile?: WriteFile;
  readonly tally: Tally;
  readonly log: Logger;
}

/** A file of the spool: one export request. */
export interface SpoolFile {
  /** Files sort by name in the order in which they were begun. */
  readonly name: string;
  path: string;
  /** This process has claimed the file. Any process may claim another one. */
  isClaimed: boolean;
  readonly bytes: number;
  items: number;
  /** Another process wrote the file, and this process has not read it. */
  isForeign: boolean;
}

/**
 * Export requests on disk, one per file, first in, first out, in one folder for all processes. A process claims a file by
 * renaming it: rename is the lock. The spool does one thing on disk at a time, and makes nothing before the first
 * request. No method rejects.
 */
export class Spool {
  readonly #options: SpoolOptions;
  readonly #process = randomUUID();
  #begun = 0;
  /** Oldest first. */
  #files: SpoolFile[] = [];
  #lastTurn: Promise<unknown> = Promise.resolve();
  #loggedAt = Number.NEGATIVE_INFINITY;

  constructor(options: SpoolOptions) {
    this.#options = options;
  }

  /** What is on disk of this process: files that it wrote, and those that it has read of other processes. */
  get size(): { readonly items: number; readonly bytes: number; readonly capacityBytes: number } {
    const own = this.#files.filter(({ isForeign }) => !isForeign);
    const items = own.reduce((sum, file) => sum + file.items, 0);
    return { items, bytes: bytesOf(own), capacityBytes: this.#options.maxBytes };
  }

  /** Whether there is no file to take. */
  get isEmpty(): boolean {
    return this.#files.every(({ isClaimed }) => isClaimed);
  }

  /**
   * Writes a request to a file of its own.
   *
   * @param isSending whether the file stays claimed, for {@link remove} or {@link putBack}
   * @param keep called when the file is written; when it returns false, the file is removed again
   * @returns whether the disk took the file
   */
  write(
    body: Uint8Array,
    items: number,
    isSending: boolean,
    keep: (file: SpoolFile) => boolean,
  ): Promise<boolean | undefined> {
    return this.#turn(async () => {
      const { directory, writeFile: write = writeToDisk } = this.#options;
      await mkdir(directory, FOLDER);
      if (!(await this.#makeRoom(body.length))) return false;
      const file = this.#begin(body.length, items);
      try {
        await write(file.path, body);
        await this.#rename(file, isSending);
      } catch (error) {
        await rm(file.path, { force: true });
        throw error;
      }
      if (keep(file)) this.#add(file);
      else await rm(file.path, { force: true });
      return true;
    });
  }

  /** Writes a request before it returns; undefined when the disk does not take it. */
  writeSync(body: Uint8Array, items: number): SpoolFile | undefined {
    const file = this.#begin(body.length, items);
    try {
      mkdirSync(this.#options.directory, FOLDER);
      writeFileSync(file.path, body, FILE);
      this.#renameSync(file);
      this.#add(file);
      return file;
    } catch (error) {
      return this.#logError(error);
    }
  }

  /** Claims the oldest file, and reads it; undefined when there is none, or it cannot be read now. */
  take(): Promise<{ readonly file: SpoolFile; readonly body: Uint8Array } | undefined> {
    return this.#turn(() => this.#takeOldest());
  }

  /** The request was delivered, or given up: it is not sent again. */
  remove(file: SpoolFile): void {
    this.#forget(file);
    void this.#turn(() => rm(file.path, { force: true }));
  }

  /** The request was not delivered, and waits again in its old place, for any process. */
  putBack(file: SpoolFile): void {
    void this.#turn(async () => {
      if (!(await this.#rename(file, false))) this.#handOver(file);
    });
  }

  /** Finds files of other processes, also files with an old claim, and notices which own files other processes have taken. */
  tend(): Promise<void> {
    return this.#turn(() => this.#list());
  }

  /** Resolves when all earlier work is done. */
  async close(): Promise<void> {
    await this.#lastTurn;
  }

  /** Leaves all files to other processes before it returns. A claim that cannot be given back ends after a minute. */
  releaseSync(): void {
    for (const file of this.#files) {
      try {
        this.#renameSync(file);
      } catch {}
    }
  }

  /** Works when all earlier work is done. Logs an error of the work, and resolves with undefined. */
  #turn<T>(work: () => Promise<T>): Promise<T | undefined> {
    const done = this.#lastTurn.then(work).catch((error: unknown) => this.#logError(error));
    this.#lastTurn = done;
    return done;
  }

  #logError(error: unknown): undefined {
    if (performance.now() - this.#loggedAt <= LOG_EVERY_MS) return;
    this.#loggedAt = performance.now();
    const { log, what, directory } = this.#options;
    const reason = isError(error) ? error.message : String(error);
    log.error({}, `${what} cannot be kept in ${directory}: ${reason}. Make it writable, or set DATA_DIR.`);
  }

  /** Names a file that is to be written. */
  #begin(bytes: number, items: number): SpoolFile {
    const [time, number] = [String(Date.now()).padStart(15, '0'), String(this.#begun++).padStart(8, '0')];
    const name = `${time}-${number}-${this.#process}_${items}.spans`;
    const path = `${this.#pathOf(name, true)}-begun`;
    return { name, path, isClaimed: true, bytes, items, isForeign: false };
  }

  #add(file: SpoolFile): void {
    this.#files.push(file);
    this.#options.tally.counts.spooled += file.items;
  }

  #forget(file: SpoolFile): void {
    this.#files = this.#files.filter((each) => each !== file);
  }

  /** The file belongs to another process from now on. */
  #handOver(file: SpoolFile): void {
    this.#forget(file);
    if (!file.isForeign) this.#options.tally.counts.handedOver += file.items;
  }

  /** Claims a file, or makes it free; false when another process has claimed it. */
  async #rename(file: SpoolFile, isClaimed: boolean): Promise<boolean> {
    const path = this.#pathOf(file.name, isClaimed);
    const isThere = await unlessMissing(rename(file.path, path).then(() => true));
    if (isThere) Object.assign(file, { path, isClaimed });
    return isThere ?? false;
  }

  /** Makes a file free. */
  #renameSync(file: SpoolFile): void {
    const path = this.#pathOf(file.name, false);
    renameSync(file.path, path);
    Object.assign(file, { path, isClaimed: false });
  }

  #pathOf(name: string, isClaimed: boolean): string {
    return join(this.#options.directory, isClaimed ? `${name}.${Date.now()}` : name);
  }

  async #list(): Promise<void> {
    const { directory, claimMs = CLAIM_MS } = this.#options;
    const entries = (await unlessMissing(readdir(directory))) ?? [];
    for (const file of this.#files)
      if (!file.isClaimed && !entries.includes(file.name)) this.#handOver(file);
    const known = new Set(this.#files.map(({ name }) => name));
    for (const entry of entries) {
      const [, name, items, claimedAt] = FILE_NAME.exec(entry) ?? [];
      if (name === undefined || known.has(name)) continue;
      if (claimedAt !== undefined && Date.now() - Number(claimedAt) < claimMs) continue;
      const path = this.#pathOf(name, false);
      if (claimedAt !== undefined) await unlessMissing(rename(join(directory, entry), path));
      const stats = await unlessMissing(lstat(path));
      if (!stats?.isFile()) continue;
      const file = { name, path, isClaimed: false, bytes: stats.size, items: Number(items ?? 0), isForeign: true };
      this.#files.push(file);
    }
    this.#files.sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  async #takeOldest(): Promise<{ file: SpoolFile; body: Uint8Array } | undefined> {
    for (let file = this.#oldest; file; file = this.#oldest) {
      if (!(await this.#rename(file, true))) {
        this.#handOver(file);
        continue;
      }
      const body = await this.#read(file);
      if (file.items > 0) return { file, body };
      this.#forget(file);
      await rm(file.path, { force: true });
    }
    return undefined;
  }

  get #oldest(): SpoolFile | undefined {
    return this.#files.find(({ isClaimed }) => !isClaimed);
  }

  /** The request in a claimed file. Counts items that another process wrote, and items that cannot be read any more. */
  async #read(file: SpoolFile): Promise<Uint8Array> {
    const { tally, signal } = this.#options;
    const bytes = await readFile(file.path).catch((error: unknown) => {
      this.#handOver(file); // when the claim is old, to a process that can read the file
      throw error;
    });
    if (!file.isForeign && bytes.length === file.bytes) return bytes;
    const { body, items } = await readableItems(signal, bytes);
    const written = Math.max(file.items, items);
    if (file.isForeign) tally.counts.recovered += written;
    tally.lose('spool_damaged', written - items);
    Object.assign(file, { items, isForeign: false });
    return body;
  }

  /** Drops the oldest files until `bytes` more fit; false when they cannot. */
  async #makeRoom(bytes: number): Promise<boolean> {
    const { maxBytes, tally } = this.#options;
    while (bytesOf(this.#files) + Math.max(bytes, MIN_FILE_BYTES) > maxBytes) {
      const taken = await this.#takeOldest();
      if (!taken) return false;
      this.#forget(taken.file);
      await rm(taken.file.path, { force: true });
      tally.lose('spool_full', taken.file.items);
    }
    return true;
  }
}

function writeToDisk(path: string, bytes: Uint8Array): Promise<void> {
  return writeFile(path, bytes, FILE);
}

/** The room that files take on disk. */
function bytesOf(files: readonly SpoolFile[]): number {
  return files.reduce((sum, { bytes }) => sum + Math.max(bytes, MIN_FILE_BYTES), 0);
}

/** What the work gives, or undefined where a file or folder is missing. */
async function unlessMissing<T>(work: Promise<T>): Promise<T | undefined> {
  try {
    return await work;
  } catch (error) {
    if (isError(error) && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}
