import { randomUUID } from 'node:crypto';
import { mkdirSync, utimesSync } from 'node:fs';
import { chmod, lstat, mkdir, readdir, rename, rmdir, stat, utimes } from 'node:fs/promises';
import { dirname, join, relative, sep } from 'node:path';
import { codeOf, isMissing, RefusedPathError } from './spool-files.ts';

/** How names of files in the spool end. */
const SUFFIX = '.spans';

/** A folder whose time is older, in milliseconds, is left: its process has died, or stands still. */
const LEFT_AFTER_MS = 10_000;

/**
 * The folder in the spool whose files this process sends. While the process lives it renews the folder's time; files in
 * a folder that nobody renews are for anyone. Whoever renames such a file into its own folder has it.
 */
export class SpoolFolder {
  readonly #root: string;
  readonly #shared: string;
  readonly #id = randomUUID();
  readonly #onRefused: (error: RefusedPathError) => void;
  readonly #refused = new Set<string>();
  #sequence = 0;
  #others = 0;
  isMade = false;

  /**
   * @param shared the folder of all processes
   * @param root from here down to `shared`, no folder may be a link
   * @param onRefused called once with each link, pipe or device among what other processes left
   */
  constructor(shared: string, root: string, onRefused: (error: RefusedPathError) => void) {
    this.#shared = shared;
    this.#root = root;
    this.#onRefused = onRefused;
  }

  get path(): string {
    return join(this.#shared, this.#id);
  }

  /** Processes that run beside this one and have a folder, when it looked last. */
  get others(): number {
    return this.#others;
  }

  /** The path of a new file. Files sort by name in the order in which they were begun. */
  nextFile(): string {
    const time = Date.now().toString().padStart(15, '0');
    return join(this.path, `${time}-${String(this.#sequence++).padStart(8, '0')}-${this.#id}${SUFFIX}`);
  }

  /** Makes it, for this user only. @throws RefusedPathError when a link or a pipe is in the place of a folder above it */
  async make(): Promise<void> {
    if (this.isMade) return;
    await this.#checkParents();
    await makeDirectory(this.#shared);
    await chmod(this.#shared, 0o700);
    await makeDirectory(this.path);
    this.isMade = true;
  }

  /** The same before it returns. */
  makeSync(): void {
    mkdirSync(this.path, { recursive: true, mode: 0o700 });
    this.isMade = true;
  }

  /** Says that this process lives. */
  async renew(): Promise<void> {
    const now = new Date();
    if (this.isMade) await utimes(this.path, now, now);
  }

  /** Says that this process is about to end, before it returns: others need not wait. */
  leaveSync(): void {
    if (this.isMade) utimesSync(this.path, 0, 0);
  }

  /** Removes it when it is empty; else leaves it to others. */
  async leave(): Promise<void> {
    if (!this.isMade) return;
    this.isMade = false;
    await rmdir(this.path).catch(() => unlessMissing(utimes(this.path, 0, 0)));
  }

  /** Moves what others have left into this folder; gives the paths there. */
  async claim(): Promise<string[]> {
    await this.#checkParents();
    const claimed: string[] = [];
    let others = 0;
    for (const entry of await entriesOf(this.#shared)) {
      const folder = join(this.#shared, entry.name);
      if (!entry.isDirectory() || entry.name === this.#id) continue;
      if (await isAlive(folder)) others++;
      else claimed.push(...(await this.#claimFrom(folder)));
    }
    this.#others = others;
    return claimed;
  }

  async #claimFrom(folder: string): Promise<string[]> {
    const claimed: string[] = [];
    for (const entry of await entriesOf(folder)) {
      const path = join(folder, entry.name);
      if (!entry.name.endsWith(SUFFIX)) continue;
      if (!entry.isFile()) {
        if (!this.#refused.has(path)) this.#onRefused(new RefusedPathError(path));
        this.#refused.add(path);
        continue;
      }
      await this.make();
      const own = join(this.path, entry.name);
      if (await unlessMissing(rename(path, own).then(() => true))) claimed.push(own);
    }
    await rmdir(folder).catch(() => {}); // not empty, or removed by another process
    return claimed;
  }

  async #checkParents(): Promise<void> {
    let path = this.#root;
    for (const name of ['', ...relative(this.#root, this.#shared).split(sep)]) {
      path = join(path, name);
      const stats = await unlessMissing(lstat(path));
      if (stats !== undefined && !stats.isDirectory()) throw new RefusedPathError(path);
    }
  }
}

async function isAlive(folder: string): Promise<boolean> {
  const stats = await unlessMissing(stat(folder));
  return stats !== undefined && Math.abs(Date.now() - stats.mtimeMs) < LEFT_AFTER_MS;
}

async function entriesOf(folder: string) {
  return (await unlessMissing(readdir(folder, { withFileTypes: true }))) ?? [];
}

async function unlessMissing<T>(work: Promise<T>): Promise<T | undefined> {
  try {
    return await work;
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

/**
 * Makes a directory, and missing ones above it, for this user only. Not by mkdir's `recursive`: below a directory that
 * takes none, as /proc, Node tries again without end.
 */
async function makeDirectory(path: string, isParentMade = false): Promise<void> {
  try {
    await mkdir(path, 0o700);
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return;
    if (isParentMade || !isMissing(error)) throw error;
    await makeDirectory(dirname(path));
    await makeDirectory(path, true);
  }
}
