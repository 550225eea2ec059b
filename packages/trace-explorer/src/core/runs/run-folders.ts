import { isAbsolute, join } from 'node:path';
import { GIVEN_ENVIRONMENT } from '../process-settings.ts';
import { readJsonFile, writeJsonFile } from '../shared/json-file.ts';

/** Most runs whose folders are kept: the last ones. */
const MOST = 500;

/**
 * The folders of commands, which `run` tells beside their spans: paths on spans are relative to them, and links to an editor
 * need whole paths.
 */
export class RunFolders {
  readonly #path: string | undefined;
  #folders: Promise<Map<string, string>> | undefined;

  /** @param directory folder of the file; without one, memory alone keeps the folders */
  constructor(directory: string | undefined) {
    this.#path = directory === undefined ? undefined : join(directory, 'run-folders.json');
  }

  /** The folder of a run; of spans without a run, the one that TRACE_CODE_LOCATIONS names to their senders and to the explorer. */
  async of(run: string | undefined): Promise<string | undefined> {
    const { TRACE_CODE_LOCATIONS: shared = '' } = GIVEN_ENVIRONMENT;
    if (run === undefined) return isAbsolute(shared) ? shared : undefined;
    return (await this.#read()).get(run);
  }

  /** @throws problem FOLDER_NOT_WRITABLE */
  async keep(run: string, folder: string): Promise<void> {
    const folders = await this.#read();
    folders.set(run, folder);
    for (const oldest of [...folders.keys()].slice(0, -MOST)) folders.delete(oldest);
    if (this.#path !== undefined) await writeJsonFile(this.#path, Object.fromEntries(folders));
  }

  #read(): Promise<Map<string, string>> {
    this.#folders ??= this.#kept();
    return this.#folders;
  }

  async #kept(): Promise<Map<string, string>> {
    const kept = this.#path === undefined ? undefined : await readJsonFile(this.#path).catch(() => undefined);
    const entries = Object.entries(Object(kept));
    return new Map(entries.flatMap(([id, each]) => (typeof each === 'string' ? [[id, each] as const] : [])));
  }
}
