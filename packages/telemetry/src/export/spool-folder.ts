import { randomUUID } from 'node:crypto';
import { renameSync } from 'node:fs';
import { readdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { enterFolder, isMissing, RefusedPathError, unlessMissing } from './disk.ts';
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
}

export interface FolderOptions {
  /** The folder of all processes that have this service and this destination. */
  readonly directory: string;
  /** From here down to `directory`, no folder may be a link. */
  readonly root: string;
  /** How long a claim holds, in milliseconds; default a minute. */
  readonly claimMs?: number | undefined;
  /** Counts files that are not there any more. */
  readonly tally: Pick<Tally, 'handedOver' | 'lose'>;
  /** Called with a sentence about what is left as it is. */
  readonly onNotice: (message: string) => void;
}

/**
 * The files in the folder of a spool, of this process and of others. Whoever renames a file has claimed it: rename is the
 * lock. Each method but `pathOf` and `forget` waits for the disk, and rejects with its errors.
 */
export class SpoolFolder {
  readonly #options: FolderOptions;
  readonly #id = randomUUID();
  readonly #refused = new Set<string>();
  #sequence = 0;
  /** Oldest first; of others those that are free. */
  files: readonly SpoolFile[] = [];
  isMade = false;

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

  /** Makes the folder, for this user only. @throws RefusedPathError for a link or a pipe in its place */
  async make(): Promise<void> {
    const { root, directory } = this.#options;
    if (!this.isMade) this.isMade = await enterFolder(root, directory, true);
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
    if (!this.files.includes(file) || file.claimedAt === claimedAt) return true;
    const path = this.pathOf({ ...file, claimedAt });
    const isThere = await unlessMissing(rename(this.pathOf(file), path).then(() => true));
    if (isThere) file.claimedAt = claimedAt;
    else this.#gone(file, await this.#isThere());
    return isThere ?? false;
  }

  forget(file: SpoolFile): void {
    this.files = this.files.filter((each) => each !== file);
  }

  async remove(file: SpoolFile): Promise<void> {
    this.forget(file);
    await rm(this.pathOf(file), { force: true });
  }

  /** Gives all claims back before it returns. */
  leaveSync(onError: (error: unknown) => void): void {
    for (const file of this.files) {
      try {
        renameSync(this.pathOf(file), this.pathOf({ ...file, claimedAt: undefined }));
        file.claimedAt = undefined;
      } catch (error) {
        if (!isMissing(error)) onError(error);
      }
    }
  }

  /** Looks what is there. @param open a file of this process that is written */
  async list(open: SpoolFile | undefined): Promise<void> {
    const { directory, claimMs = CLAIM_MS } = this.#options;
    const isThere = await this.#isThere();
    const seen = new Set<string>();
    for (const entry of isThere ? await readdir(directory, { withFileTypes: true }) : []) {
      const path = join(directory, entry.name);
      const [, name, claimedAt] = FILE_NAME.exec(entry.name) ?? [];
      if (name === undefined) continue;
      if (!entry.isFile()) {
        this.#refuse(path);
        continue;
      }
      const known = this.files.find((file) => file.name === name);
      const isOurs = known !== undefined && this.pathOf(known) === path;
      if (claimedAt !== undefined && !isOurs) {
        if (Date.now() - Number(claimedAt) < claimMs) continue;
        await unlessMissing(rename(path, join(directory, name)));
      }
      seen.add(name);
      const bytes = known ? undefined : (await unlessMissing(stat(join(directory, name))))?.size;
      if (bytes !== undefined)
        this.files = [...this.files, { name, claimedAt: undefined, bytes, items: undefined }];
    }
    for (const file of this.files)
      if ((file.claimedAt === undefined || file === open) && !seen.has(file.name)) this.#gone(file, isThere);
    this.files = this.files.toSorted((a, b) => (a.name < b.name ? -1 : 1));
  }

  async #isThere(): Promise<boolean> {
    const { root, directory } = this.#options;
    const isThere = await enterFolder(root, directory, false);
    this.isMade &&= isThere;
    return isThere;
  }

  /** Another process has taken a file, or somebody has removed the folder. */
  #gone(file: SpoolFile, isTaken: boolean): void {
    const { tally } = this.#options;
    this.forget(file);
    if (isTaken) tally.handedOver += file.items ?? 0;
    else tally.lose('spool_damaged', file.items ?? 0);
  }

  #refuse(path: string): void {
    if (!this.#refused.has(path))
      this.#options.onNotice(`${new RefusedPathError(path).message}: it is left as it is.`);
    this.#refused.add(path);
  }
}
