import { isAbsolute, join } from 'node:path';
import { GIVEN_ENVIRONMENT } from '../../process-settings.ts';
import { problems } from '../errors.ts';
import { KeptMap } from '../files/kept-map.ts';

/** What a command tells of its run beside its spans. */
export interface RunFacts {
  /** Absolute. */
  readonly folder: string;
  /** The number of problems that its end said. */
  readonly problems?: number | undefined;
  /** Its command's. */
  readonly exit_code?: number | undefined;
}

/** Most runs that are kept: the last ones. */
const MOST = 500;

/**
 * The folders of commands, which `run` tells beside their spans: paths on spans are relative to them, and links to an editor
 * need whole paths.
 */
export class RunFolders {
  readonly #kept: KeptMap<RunFacts>;
  /** What was told while the file could not be changed: this process knows it all the same. */
  readonly #told = new Map<string, RunFacts>();

  /** @param directory folder of the file; without one, memory alone keeps the folders */
  constructor(directory: string | undefined) {
    this.#kept = new KeptMap({
      path: directory === undefined ? undefined : join(directory, 'run-folders.json'),
      entryOf: factsOf,
      unreadable: (fault) =>
        problems.RUN_FOLDERS_NOT_READABLE({
          detail: `${fault}. Mend the file, or remove it: then links of earlier runs open no editor.`,
        }),
    });
  }

  /** The folder of a run; of spans without a run, the one that TRACE_CODE_LOCATIONS names to their senders and to the explorer. */
  async of(run: string | undefined): Promise<string | undefined> {
    const { TRACE_CODE_LOCATIONS: shared = '' } = GIVEN_ENVIRONMENT;
    if (run === undefined) return isAbsolute(shared) ? shared : undefined;
    return (this.#told.get(run) ?? (await this.#kept.shown()).get(run))?.folder;
  }

  /** What is known of all runs, by their ids. */
  async all(): Promise<ReadonlyMap<string, RunFacts>> {
    return new Map([...(await this.#kept.shown()), ...this.#told]);
  }

  /** Keeps the facts of a run. @throws problems FOLDER_NOT_WRITABLE, and RUN_FOLDERS_NOT_READABLE, which leaves the file as it is */
  async keep(run: string, facts: RunFacts): Promise<void> {
    const told = new Map(withLast(this.#told, [[run, facts]]));
    await this.#kept.change((folders) => {
      withLast(folders, told);
    });
    for (const [id, each] of told) if (this.#told.get(id) === each) this.#told.delete(id);
  }
}

/** Adds to a map, which keeps its last entries. */
function withLast(facts: Map<string, RunFacts>, more: Iterable<readonly [string, RunFacts]>) {
  for (const [id, each] of more) facts.set(id, each);
  for (const oldest of [...facts.keys()].slice(0, -MOST)) facts.delete(oldest);
  return facts;
}

/** The facts of a run in the file; none of a value that is something else. A text is a folder alone. */
function factsOf(id: string, value: unknown): [string, RunFacts] | undefined {
  const { folder, problems, exit_code } = Object(typeof value === 'string' ? { folder: value } : value);
  if (typeof folder !== 'string') return undefined;
  const numbers = Object.entries({ problems, exit_code }).filter(([, count]) => Number.isInteger(count));
  return [id, { folder, ...Object.fromEntries(numbers) }];
}
