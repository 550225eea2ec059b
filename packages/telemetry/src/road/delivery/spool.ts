import { randomUUID } from 'node:crypto';
import type { Dirent } from 'node:fs';
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { systemNow } from '../../common/primordials.ts';
import type { DestinationReport } from './destination-report.ts';
import type { SpoolFile } from './spool-file.ts';
import { bytesOf, filesAmong, MIN_FILE_BYTES, nameOf, unlessMissing } from './spool-file.ts';

/** At this distance of the clock, in milliseconds, a claim ends: the claiming process has died, or stands still. */
const CLAIM_MS = 60_000;

/** Folders and files are for this user only. */
const FOLDER = { recursive: true, mode: 0o700 };
const FILE = { mode: 0o600 };

/** Writes a file of the spool. */
export type WriteFile = (path: string, bytes: Uint8Array) => Promise<void>;
const writeToDisk: WriteFile = (path, bytes) => writeFile(path, bytes, FILE);

export interface SpoolOptions {
  /** The folder of all processes with this service and this destination. */
  readonly directory: string;
  readonly maxBytes: number;
  /** Duration of a claim, in milliseconds; default a minute. */
  readonly claimMs?: number | undefined;
  readonly writeFile?: WriteFile | undefined;
  readonly report: DestinationReport;
}

/**
 * Export requests on disk, one per file, first in, first out, in one folder for all processes. A process claims a file by
 * a rename: rename is the lock. The spool does one thing on disk at a time. The first request makes the folder. No method
 * rejects.
 */
export class Spool {
  readonly #options: SpoolOptions;
  readonly #process = randomUUID();
  #begun = 0;
  /** Oldest first. */
  #files: SpoolFile[] = [];
  #lastTurn: Promise<unknown> = Promise.resolve();
  #isReleased = false;

  constructor(options: SpoolOptions) {
    this.#options = options;
  }

  /** The files of this process: files written here, and files taken from other processes. */
  get size(): { readonly items: number; readonly bytes: number; readonly capacityBytes: number } {
    const own = this.#files.filter(({ isForeign }) => !isForeign);
    const items = own.reduce((sum, file) => sum + file.items, 0);
    return { items, bytes: bytesOf(own), capacityBytes: this.#options.maxBytes };
  }

  /** All known files, oldest first, also those of other processes that wait to be taken. */
  get files(): readonly SpoolFile[] {
    return this.#files;
  }

  /** Whether the spool has no file to take. */
  get isEmpty(): boolean {
    return this.#oldest === undefined;
  }

  /** Writes a request to a file, claimed until {@link remove} or {@link putBack}; undefined when the disk is full. */
  write(body: Uint8Array, items: number): Promise<SpoolFile | undefined> {
    return this.#turn(async () => {
      const { directory, writeFile: write = writeToDisk } = this.#options;
      await mkdir(directory, FOLDER);
      if (!(await this.#makeRoom(body.length))) return undefined;
      const file = this.#begin(body.length, items);
      try {
        await write(this.#pathOf(file), body);
      } catch (error) {
        await rm(this.#pathOf(file), { force: true });
        throw error;
      }
      return this.#add(file);
    });
  }

  /** Synchronous. Writes a request to a free file, or a claimed one; undefined when the disk does not take the file. */
  writeSync(body: Uint8Array, items: number, isClaimed = false): SpoolFile | undefined {
    const file = this.#begin(body.length, items);
    try {
      mkdirSync(this.#options.directory, FOLDER);
      writeFileSync(this.#pathOf(file), body, FILE);
      if (!isClaimed) this.#freeSync(file);
      return this.#add(file);
    } catch (error) {
      return this.#logError(error);
    }
  }

  /** Claims and reads the oldest file; undefined without a file, or when the file cannot be read now. */
  take(): Promise<{ readonly file: SpoolFile; readonly body: Uint8Array } | undefined> {
    return this.#turn(async () => {
      for (let file = await this.#claimOldest(); file; file = await this.#claimOldest()) {
        const body = await this.#read(file);
        if (body.length === file.bytes) return { file, body };
        this.#options.report.lose('spool_damaged', file.items);
        await this.#remove(file);
      }
      return undefined;
    });
  }

  /** Synchronous {@link take} of up to `most` files. Never throws. */
  takeSync(most: number): { readonly file: SpoolFile; readonly body: Uint8Array }[] {
    const taken: { file: SpoolFile; body: Uint8Array }[] = [];
    try {
      for (const { file, path } of this.#newAmong(
        readdirSync(this.#options.directory, { withFileTypes: true }),
      )) {
        if (path !== undefined) renameSync(path, this.#pathOf(file));
        this.#files.push(file);
      }
      this.#sort();
      for (const file of this.#files.filter(({ claimedAt }) => claimedAt === undefined).slice(0, most)) {
        const claim = { name: file.name, claimedAt: systemNow() };
        renameSync(this.#pathOf(file), this.#pathOf(claim));
        Object.assign(file, claim);
        this.#countRecovered(file);
        const body = readFileSync(this.#pathOf(file));
        if (body.length === file.bytes) taken.push({ file, body });
      }
    } catch {} // no folder, or another process was faster: the next start sends the rest
    return taken;
  }

  /** Synchronous {@link remove}. A file that stays by mistake is sent again. */
  removeSync(file: SpoolFile): void {
    this.#forget(file);
    try {
      rmSync(this.#pathOf(file), { force: true });
    } catch {}
  }

  /** Removes a request that was delivered, or given up. */
  remove(file: SpoolFile): void {
    this.#forget(file);
    void this.#turn(() => this.#remove(file));
  }

  /** Frees an undelivered request for any process, in the old place, or behind all other requests. */
  putBack(file: SpoolFile, { isBehind = false } = {}): void {
    const name = isBehind ? this.#begin(file.bytes, file.items).name : file.name;
    void this.#turn(async () => {
      if (file.claimedAt === undefined) return; // releaseSync has freed the file
      await this.#rename(file, { name, claimedAt: undefined });
      this.#sort();
    });
  }

  /** Finds files of other processes, also files with an old claim, and finds out which files other processes took. */
  async tend(): Promise<void> {
    await this.#turn(() => this.#list());
  }

  /** Resolves when all earlier work is done. */
  async settled(): Promise<void> {
    await this.#lastTurn;
  }

  /** Synchronous. Leaves all files to other processes for good. A claim that stays by mistake ends after a minute. */
  releaseSync(): void {
    this.#isReleased = true;
    for (const file of this.#files) {
      try {
        this.#freeSync(file);
      } catch {}
    }
  }

  /** Works after all earlier work. Logs an error of the work, and resolves with undefined. */
  #turn<T>(work: () => Promise<T>): Promise<T | undefined> {
    const done = this.#lastTurn.then(work).catch((error: unknown) => this.#logError(error));
    this.#lastTurn = done;
    return done;
  }

  #logError(error: unknown): undefined {
    this.#options.report.notKept(this.#options.directory, error);
  }

  /** Names a new file. */
  #begin(bytes: number, items: number): SpoolFile {
    const name = nameOf({ number: this.#begun++, process: this.#process, items, bytes });
    return { name, claimedAt: systemNow(), bytes, items, isForeign: false };
  }

  #add(file: SpoolFile): SpoolFile {
    this.#files.push(file);
    this.#options.report.counts.spooled += file.items;
    return file;
  }

  /** The file belongs to another process from now on. */
  #handOver(file: SpoolFile): void {
    this.#forget(file);
    if (!file.isForeign) this.#options.report.counts.handedOver += file.items;
  }

  #forget(file: SpoolFile): void {
    this.#files = this.#files.filter((each) => each !== file);
  }

  async #remove(file: SpoolFile): Promise<void> {
    this.#forget(file);
    await rm(this.#pathOf(file), { force: true });
  }

  /** Claims or frees a file; false when another process has claimed the file. */
  async #rename(file: SpoolFile, to: Pick<SpoolFile, 'name' | 'claimedAt'>): Promise<boolean> {
    const isThere = await unlessMissing(rename(this.#pathOf(file), this.#pathOf(to)).then(() => true));
    if (isThere) Object.assign(file, to);
    else this.#handOver(file);
    return isThere ?? false;
  }

  #freeSync(file: SpoolFile): void {
    renameSync(this.#pathOf(file), this.#pathOf({ name: file.name }));
    file.claimedAt = undefined;
  }

  #pathOf({ name, claimedAt }: Pick<SpoolFile, 'name' | 'claimedAt'>): string {
    return join(this.#options.directory, claimedAt === undefined ? name : `${name}.${claimedAt}`);
  }

  async #list(): Promise<void> {
    const { directory } = this.#options;
    const entries = (await unlessMissing(readdir(directory, { withFileTypes: true }))) ?? [];
    for (const { file, path } of this.#newAmong(entries)) {
      if (path !== undefined) await unlessMissing(rename(path, this.#pathOf(file)));
      this.#files.push(file);
    }
    this.#sort();
  }

  /** The files of other processes that this one doesn't know yet; with a path where a claim that ended is in the name. */
  #newAmong(entries: readonly Dirent[]): readonly { readonly file: SpoolFile; readonly path?: string }[] {
    const { directory, claimMs = CLAIM_MS } = this.#options;
    const names = new Set(entries.map(({ name }) => name));
    for (const file of this.#files)
      if (file.claimedAt === undefined && !names.has(file.name)) this.#handOver(file);
    const known = new Set(this.#files.map(({ name }) => name));
    return filesAmong(entries, claimMs)
      .filter(({ file }) => !known.has(file.name))
      .map(({ file, entry }) => (entry === file.name ? { file } : { file, path: join(directory, entry) }));
  }

  #sort(): void {
    this.#files.sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  get #oldest(): SpoolFile | undefined {
    return this.#files.find(({ claimedAt }) => claimedAt === undefined);
  }

  async #claimOldest(): Promise<SpoolFile | undefined> {
    for (let file = this.#oldest; file && !this.#isReleased; file = this.#oldest) {
      if (!(await this.#rename(file, { name: file.name, claimedAt: systemNow() }))) continue;
      if (this.#isReleased) return void this.#freeSync(file); // released during the rename
      this.#countRecovered(file);
      return file;
    }
    return undefined;
  }

  #countRecovered(file: SpoolFile): void {
    if (file.isForeign) this.#options.report.counts.recovered += file.items;
    file.isForeign = false;
  }

  async #read(file: SpoolFile): Promise<Uint8Array> {
    try {
      return await readFile(this.#pathOf(file));
    } catch (error) {
      this.#handOver(file); // another process may claim the file after the claim's end
      throw error;
    }
  }

  /** Drops the oldest files until `bytes` more fit; false when there is no room. */
  async #makeRoom(bytes: number): Promise<boolean> {
    const { maxBytes, report } = this.#options;
    while (bytesOf(this.#files) + Math.max(bytes, MIN_FILE_BYTES) > maxBytes) {
      const oldest = await this.#claimOldest();
      if (!oldest) return false;
      report.lose('spool_full', oldest.items);
      await this.#remove(oldest);
    }
    return true;
  }
}
