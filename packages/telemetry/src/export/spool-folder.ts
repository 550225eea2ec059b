import { randomUUID } from 'node:crypto';
import { renameSync } from 'node:fs';
import { lstat, readdir, rename, rm, truncate } from 'node:fs/promises';
import { join } from 'node:path';
import { unlessMissing } from './disk.ts';
import type { Tally } from './tally.ts';

/** A claim that is older, in milliseconds, no longer counts: its process has died, or stands still. */
const CLAIM_MS = 60_000;

/** A free file, or, with the time of the claim at its end, a claimed one. */
const FILE_NAME = /^(\d{15}-.+?\.spans)(?:\.(\d+))?$/;

/** A file of the spool. */
export interface SpoolFile {
  /** Files sort by name in the order in which they were begun. */
  readonly name: string;
  path: string;
  /** Any process may claim a free file. This process appends to an open file, and sends the bytes of a file in use `sending`. */
  use: 'free' | 'open' | 'sending';
  bytes: number;
  /** Undefined for a file of another process that this process has not read. */
  items: number | undefined;
}

/**
 * The files in the folder of a spool that this process uses, and the free ones. A process claims a file by renaming it:
 * rename is the lock. Methods reject with errors of the file system.
 */
export class SpoolFolder {
  readonly #directory: string;
  readonly #claimMs: number;
  readonly #tally: Tally;
  readonly #process = randomUUID();
  #begun = 0;
  /** Oldest first. */
  files: SpoolFile[] = [];

  /** @param claimMs how long a claim holds, in milliseconds */
  constructor(directory: string, tally: Tally, claimMs = CLAIM_MS) {
    this.#directory = directory;
    this.#tally = tally;
    this.#claimMs = claimMs;
  }

  /** Names a file that is to be written. */
  begin(use: 'open' | 'sending'): SpoolFile {
    const [time, number] = [String(Date.now()).padStart(15, '0'), String(this.#begun++).padStart(8, '0')];
    const name = `${time}-${number}-${this.#process}.spans`;
    const file: SpoolFile = { name, path: this.#pathFor(name, use), use, bytes: 0, items: 0 };
    this.files.push(file);
    return file;
  }

  /** Claims a file, or makes it free again; false when the file is gone: another process has claimed it. */
  async claim(file: SpoolFile, use: SpoolFile['use']): Promise<boolean> {
    const path = this.#pathFor(file.name, use);
    const isThere = await unlessMissing(rename(file.path, path).then(() => true));
    if (isThere) Object.assign(file, { path, use });
    else this.handOver(file);
    return isThere ?? false;
  }

  /** The file belongs to another process from now on. */
  handOver(file: SpoolFile): void {
    this.forget(file);
    this.#tally.counts.handedOver += file.items ?? 0;
  }

  forget(file: SpoolFile): void {
    this.files = this.files.filter((each) => each !== file);
  }

  async remove(file: SpoolFile): Promise<void> {
    this.forget(file);
    await rm(file.path, { force: true });
  }

  /** Removes the bytes behind the end of a file. */
  async cut(file: SpoolFile): Promise<void> {
    if (file.bytes === 0) await this.remove(file);
    else await truncate(file.path, file.bytes);
  }

  /** Makes all files free before it returns. A claim that cannot be given back ends after a minute. */
  releaseSync(): void {
    for (const file of this.files) {
      const path = this.#pathFor(file.name, 'free');
      try {
        renameSync(file.path, path);
        Object.assign(file, { path, use: 'free' });
      } catch {}
    }
  }

  /** Finds files of other processes, also files with an old claim, and notices which own files other processes have taken. */
  async list(): Promise<void> {
    const entries = (await unlessMissing(readdir(this.#directory))) ?? [];
    for (const file of this.files)
      if (file.use === 'free' && !entries.includes(file.name)) this.handOver(file);
    const known = new Set(this.files.map(({ name }) => name));
    for (const entry of entries) {
      const [, name, claimedAt] = FILE_NAME.exec(entry) ?? [];
      if (name === undefined || known.has(name)) continue;
      if (claimedAt !== undefined && Date.now() - Number(claimedAt) < this.#claimMs) continue;
      const path = this.#pathFor(name, 'free');
      if (claimedAt !== undefined) await unlessMissing(rename(join(this.#directory, entry), path));
      const stats = await unlessMissing(lstat(path));
      if (stats?.isFile()) this.files.push({ name, path, use: 'free', bytes: stats.size, items: undefined });
    }
    this.files.sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  #pathFor(name: string, use: SpoolFile['use']): string {
    return join(this.#directory, use === 'free' ? name : `${name}.${Date.now()}`);
  }
}
