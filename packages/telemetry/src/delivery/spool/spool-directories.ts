import { join, relative, sep } from 'node:path';
import type { OwnedDirectory } from './owned-directory.ts';
import { claimDirectory, listDirectories, planDirectory } from './owned-directory.ts';
import { RefusedPathError } from './refusal.ts';

/**
 * The directories in the shared one that are this process's: its own, planned when something is to be written, and those
 * of ended processes that it has adopted.
 */
export class SpoolDirectories {
  readonly #shared: string;
  readonly #onRefused: ((error: RefusedPathError) => void) | undefined;
  /** From the root down to the shared one. */
  readonly #parents: readonly string[];
  readonly #refused = new Set<string>();
  #own: OwnedDirectory | undefined;
  #adopted: OwnedDirectory[] = [];
  #others = 0;

  /**
   * @param shared the directory of all processes
   * @param root from here down to `shared`, no directory may be a link
   * @param onRefused called once with each link, pipe or device among what ended processes left
   */
  constructor(shared: string, root: string, onRefused: ((error: RefusedPathError) => void) | undefined) {
    this.#shared = shared;
    this.#onRefused = onRefused;
    const below = relative(root, shared).split(sep).filter(Boolean);
    this.#parents = [root, ...below.map((_, index) => join(root, ...below.slice(0, index + 1)))];
  }

  /** Its own, if it has one. */
  get own(): OwnedDirectory | undefined {
    return this.#own;
  }

  /** Running processes that have one beside it, when it looked last. */
  get others(): number {
    return this.#others;
  }

  /** Has a new one of its own, which {@link make} makes. */
  plan(): OwnedDirectory {
    this.#own = planDirectory(this.#shared);
    return this.#own;
  }

  /** @throws RefusedPathError when one of those it is in is a link or a pipe; what the file system throws */
  make(directory: OwnedDirectory): Promise<void> {
    return directory.make(this.#parents);
  }

  /** The same before it returns, perhaps while {@link make} is under way. */
  makeSync(directory: OwnedDirectory): void {
    directory.makeSync(this.#parents);
  }

  /** It could not be made: the next one is planned anew. @returns whether it was its own still */
  giveUp(directory: OwnedDirectory): boolean {
    if (this.#own !== directory) return false;
    this.#own = undefined;
    return true;
  }

  /** Takes over those that ended processes have left, one after the other; whoever is not to keep one releases it. */
  async *claim(): AsyncGenerator<OwnedDirectory, void> {
    let others = 0;
    for (const path of await listDirectories(this.#parents)) {
      if (path === this.#own?.path || this.#adopted.some((each) => each.path === path)) continue;
      const claimed = await this.unlessRefused(() => claimDirectory(path));
      if (claimed === 'held') others++;
      if (typeof claimed === 'object') yield claimed;
    }
    this.#others = others;
  }

  /** Keeps one that was claimed. */
  adopt(directory: OwnedDirectory): void {
    this.#adopted.push(directory);
  }

  /** An adopted one in which nothing is left: it is not kept any more. @returns undefined for its own */
  dropAdopted(path: string): OwnedDirectory | undefined {
    const adopted = this.#adopted.find((each) => each.path === path);
    this.#adopted = this.#adopted.filter((each) => each !== adopted);
    return adopted;
  }

  /** Gives all of them up for others to adopt, and removes those without segments. */
  async release(): Promise<void> {
    const owned = [...this.#adopted, ...(this.#own ? [this.#own] : [])];
    this.#adopted = [];
    this.#own = undefined;
    for (const each of owned) await each.release();
  }

  /** Undefined, and told once, for what is a link, a pipe or a device. */
  async unlessRefused<T>(use: () => Promise<T>): Promise<T | undefined> {
    try {
      return await use();
    } catch (error) {
      if (!(error instanceof RefusedPathError)) throw error;
      if (!this.#refused.has(error.path)) this.#onRefused?.(error);
      this.#refused.add(error.path);
      return undefined;
    }
  }
}
