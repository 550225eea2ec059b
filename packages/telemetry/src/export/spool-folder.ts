import { randomUUID } from 'node:crypto';
import { renameSync } from 'node:fs';
import { lstat, readdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { enterFolder, RefusedPathError, unlessMissing } from './disk.ts';
import type { Tally } from './tally.ts';

/** A claim that is older, in milliseconds, holds no more: its process has died, or stands still. */
const CLAIM_MS = 60_000;

/** A free file, or, with the time of the claim behind it, a claimed one. */
const FILE_NAME = /^(\d{15}-.+?\.spans)(?:\.(\d+))?$/;

/** A file of the spool. */
export interface SpoolFile {
  /** Files sort by name in the order in which they were begun. */
  readonly name: string;
  /** When this process claimed it, in milliseconds since the epoch; undefined: it is anyone's. */
  claimedAt: number | undefined;
  bytes: number;
  /** Undefined for a file of another process that nobody here has read. */
  items: number | undefined;
  /** Whether the destination has refused it because a person has to mend something. */
  isRefused?: boolean;
}

export interface FolderOptions {
  /** The folder of all processes that have this service and this destination. */
  readonly directory: string;
  /** From here down to `directory`, no folder may be a link. */
  readonly root: string;
  /** How long a claim holds, in milliseconds; default a minute. */
  readonly claimMs?: number | undefined;
  /** Counts what becomes of items. */
  readonly tally: Pick<Tally, 'spooled' | 'recovered' | 'handedOver' | 'lose'>;
}

/**
 * The files in the folder of a spool, of this process and of others. Whoever renames a file has claimed it: rename is the
 * lock. What waits for the disk rejects with its errors.
 */
export class SpoolFolder {
  readonly #options: FolderOptions;
  readonly #id = randomUUID();
  #sequence = 0;
  /** Oldest first; of others those that are free. */
  files: readonly SpoolFile[] = [];

  constructor(options: FolderOptions) {
    this.#options = options;
  }

  /** The oldest file that is anyone's. */
  get oldest(): SpoolFile | undefined {
    return this.files.find(({ claimedAt }) => claimedAt === undefined);
  }

  get bytes(): number {
    return this.files.reduce((sum, { bytes }) => sum + bytes, 0);
  }

  pathOf({ name, claimedAt }: Pick<SpoolFile, 'name' | 'claimedAt'>): string {
    return join(this.#options.directory, claimedAt === undefined ? name : `${name}.${claimedAt}`);
  }

  /** A file to be written, claimed. */
  newFile(): SpoolFile {
    const time = Date.now();
    const sequence = String(this.#sequence++).padStart(8, '0');
    const name = `${String(time).padStart(15, '0')}-${sequence}-${this.#id}.spans`;
    const file: SpoolFile = { name, claimedAt: time, bytes: 0, items: 0 };
    this.files = [...this.files, file];
    return file;
  }

  /** Claims a file, or, with undefined, makes it anyone's; false when it is not there any more. */
  async claim(file: SpoolFile, claimedAt: number | undefined): Promise<boolean> {
    if (file.claimedAt === claimedAt) return true;
    const path = this.pathOf({ ...file, claimedAt });
    const isThere = await unlessMissing(rename(this.pathOf(file), path).then(() => true));
    if (isThere) file.claimedAt = claimedAt;
    else await this.#gone(file);
    return isThere ?? false;
  }

  forget(file: SpoolFile): void {
    this.files = this.files.filter((each) => each !== file);
  }

  /** The folder is not there any more: what waited in it is lost. @param open the file that is written */
  removed(open: SpoolFile | undefined): void {
    for (const file of this.files) {
      if (file.claimedAt !== undefined && file !== open) continue; // it is being sent
      this.forget(file);
      this.#options.tally.lose('spool_damaged', file.items ?? 0);
    }
  }

  async remove(file: SpoolFile): Promise<void> {
    this.forget(file);
    await rm(this.pathOf(file), { force: true });
  }

  /** Gives all claims back before it returns. A claim that cannot be given back ends after a minute. */
  leaveSync(): void {
    for (const file of this.files) {
      try {
        renameSync(this.pathOf(file), this.pathOf({ ...file, claimedAt: undefined }));
        file.claimedAt = undefined;
      } catch {}
    }
  }

  /**
   * Looks what is there: finds the files of others, and makes old claims free.
   *
   * @param onRefused called for a link or a pipe among the files
   */
  async list(onRefused: (error: RefusedPathError) => void): Promise<void> {
    const { root, directory } = this.#options;
    const isThere = await enterFolder(root, directory, false);
    const seen = new Set<string>();
    for (const entry of isThere ? await readdir(directory, { withFileTypes: true }) : []) {
      const [, name, claimedAt] = FILE_NAME.exec(entry.name) ?? [];
      if (name === undefined) continue;
      const path = join(directory, entry.name);
      if (!entry.isFile()) onRefused(new RefusedPathError(path));
      else if (await this.#isKnownOrFree(path, name, claimedAt)) seen.add(name);
    }
    for (const file of this.files)
      if (file.claimedAt === undefined && !seen.has(file.name)) await this.#gone(file);
    this.files = this.files.toSorted((a, b) => (a.name < b.name ? -1 : 1));
  }

  /** Another process has taken a file, or somebody has removed the folder. */
  async #gone(file: SpoolFile): Promise<void> {
    const { directory, tally } = this.#options;
    this.forget(file);
    const isTaken = await unlessMissing(lstat(directory));
    if (isTaken) tally.handedOver += file.items ?? 0;
    else tally.lose('spool_damaged', file.items ?? 0);
  }

  /** Whether a file is one of this process, or anyone's; one of others is added to the files. */
  async #isKnownOrFree(path: string, name: string, claimedAt: string | undefined): Promise<boolean> {
    const { directory, claimMs = CLAIM_MS } = this.#options;
    const known = this.files.find((file) => file.name === name);
    const isOurs = known !== undefined && this.pathOf(known) === path;
    if (claimedAt !== undefined && !isOurs) {
      if (Date.now() - Number(claimedAt) < claimMs) return false;
      await unlessMissing(rename(path, join(directory, name)));
    }
    const bytes = known ? undefined : (await unlessMissing(stat(join(directory, name))))?.size;
    if (bytes !== undefined)
      this.files = [...this.files, { name, claimedAt: undefined, bytes, items: undefined }];
    return true;
  }
}
