import { isAbsolute, join } from 'node:path';
import { saveFile } from '../../http/saved-file.ts';
import { readJsonFile } from '../../lib/node/json-file.ts';
import { GIVEN_ENVIRONMENT } from '../../lib/node/process-settings.ts';

/** What a command tells of its run beside its spans. */
export interface RunFacts {
  /** Absolute. */
  readonly folder: string;
  /** The number of problems that its end said. */
  readonly problems?: number | undefined;
}

/** Most runs that are kept: the last ones. */
const MOST = 500;

/**
 * The folders of commands, which `run` tells beside their spans: paths on spans are relative to them, and links to an editor
 * need whole paths.
 */
export class RunFolders {
  readonly #path: string | undefined;
  #folders: Promise<Map<string, RunFacts>> | undefined;

  /** @param directory folder of the file; without one, memory alone keeps the folders */
  constructor(directory: string | undefined) {
    this.#path = directory === undefined ? undefined : join(directory, 'run-folders.json');
  }

  /** The folder of a run; of spans without a run, the one that TRACE_CODE_LOCATIONS names to their senders and to the explorer. */
  async of(run: string | undefined): Promise<string | undefined> {
    const { TRACE_CODE_LOCATIONS: shared = '' } = GIVEN_ENVIRONMENT;
    if (run === undefined) return isAbsolute(shared) ? shared : undefined;
    return (await this.#read()).get(run)?.folder;
  }

  /** What is known of all runs, by their ids. */
  async all(): Promise<ReadonlyMap<string, RunFacts>> {
    return this.#read();
  }

  /** @throws problem FOLDER_NOT_WRITABLE */
  async keep(run: string, facts: RunFacts): Promise<void> {
    const folders = await this.#read();
    folders.set(run, facts);
    for (const oldest of [...folders.keys()].slice(0, -MOST)) folders.delete(oldest);
    if (this.#path !== undefined) await saveFile(this.#path, Object.fromEntries(folders));
  }

  #read(): Promise<Map<string, RunFacts>> {
    this.#folders ??= this.#kept();
    return this.#folders;
  }

  async #kept(): Promise<Map<string, RunFacts>> {
    const kept = this.#path === undefined ? undefined : await readJsonFile(this.#path).catch(() => undefined);
    return new Map(
      Object.entries(Object(kept)).flatMap(([id, each]) => factsOf(each).map((facts) => [id, facts])),
    );
  }
}

/** The facts of a run in the file; none of a value that is something else. A text is a folder alone. */
function factsOf(value: unknown): RunFacts[] {
  const { folder, problems } = Object(typeof value === 'string' ? { folder: value } : value);
  if (typeof folder !== 'string') return [];
  return [{ folder, ...(Number.isInteger(problems) && { problems }) }];
}
