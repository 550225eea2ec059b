import { join } from 'node:path';
import { defineProblems } from '@tandem/service-kit/http';
import { problems } from '../../../../http/errors.ts';
import { saveFile } from '../../../../http/saved-file.ts';
import { readJsonFile } from '../../../../lib/node/json-file.ts';
import { fileErrorWords } from '../../../../lib/text/file-error.ts';
import { node } from '../../part.node.ts';
import { causeId, causeOfId, keyOfId, oldIdOf } from '../cause-key.ts';
import type { Cause } from '../schemas.ts';

const own = defineProblems(node.problems);

/** Most causes in the file. */
const MOST = 500;
/** A known cause comes back when its share has grown by this factor. */
const GROWN = 2;

/** A cause at the moment when somebody hid it. */
interface Known {
  readonly share: number;
  readonly versions: readonly string[];
}

/** Causes that are hidden as known until they change: twice the share, or a new version of the service. */
export class KnownCauses {
  readonly #path: string | undefined;
  #known: Promise<Map<string, Known>> | undefined;

  /** @param directory folder of the file; without one, memory alone keeps it */
  constructor(directory: string | undefined) {
    this.#path = directory === undefined ? undefined : join(directory, 'known-causes.json');
  }

  /**
   * The causes. A hidden cause says so.
   * @param all causes of the range: of an id of before, the only one that it may mean is hidden
   */
  async mark(causes: readonly Cause[], all: readonly Cause[]): Promise<Cause[]> {
    // A list that cannot be read hides nothing. Whoever changes it is told.
    const known = await this.#read().catch(() => new Map<string, Known>());
    return causes.map((cause) => {
      const [old, own] = [oldIdOf(cause.id), known.get(cause.id)];
      const before = own ?? (known.has(old) && causeOfId(all, old)?.id === cause.id ? known.get(old) : own);
      return before !== undefined && isAsBefore(cause, before) ? { ...cause, known: true } : cause;
    });
  }

  /** Hides a cause. @throws problems TOO_MANY_SAVED, and KNOWN_NOT_READABLE, which leaves the file as it is */
  async hide(cause: Cause): Promise<void> {
    const known = await this.#read();
    if (known.size >= MOST && !known.has(cause.id))
      throw problems.TOO_MANY_SAVED({
        detail: `At most ${MOST} causes stay hidden. Show some of them again.`,
      });
    known.set(cause.id, { share: shareOf(cause), versions: cause.versions });
    await this.#write(known);
  }

  /** Shows a cause again. @throws problem KNOWN_NOT_READABLE */
  async show(id: string): Promise<void> {
    const known = await this.#read();
    if ([idOfToday(id), oldIdOf(id)].filter((each) => known.delete(each)).length > 0)
      await this.#write(known);
  }

  #read(): Promise<Map<string, Known>> {
    if (this.#known !== undefined) return this.#known;
    const known = this.#readFile();
    this.#known = known;
    known.catch(() => {
      this.#known = undefined; // until somebody has mended the file
    });
    return known;
  }

  async #readFile(): Promise<Map<string, Known>> {
    const path = this.#path;
    if (path === undefined) return new Map();
    const file = await readJsonFile(path).catch((error: unknown) => {
      const { message } = Object(error);
      const words = error instanceof RangeError ? message : fileErrorWords(error);
      throw unreadable(path, words === undefined ? message : `cannot be read: ${words}`);
    });
    if (file === undefined) return new Map();
    if (typeof file !== 'object' || file === null || Array.isArray(file))
      throw unreadable(path, 'is no JSON object');
    return new Map(
      Object.entries(file).flatMap(([id, entry]) =>
        isKnown(entry) ? [[idOfToday(id), entry] as const] : [],
      ),
    );
  }

  async #write(known: ReadonlyMap<string, Known>): Promise<void> {
    if (this.#path !== undefined) await saveFile(this.#path, Object.fromEntries(known));
  }
}

function unreadable(path: string, fault: string): Error {
  return own.KNOWN_NOT_READABLE({
    detail: `${path} ${fault.replace(/\.$/, '')}. Mend the file, or remove it: then nothing is hidden.`,
  });
}

/** The id that a cause has today, of one of before; any other text as it is. */
function idOfToday(id: string): string {
  try {
    return causeId(keyOfId(id));
  } catch {
    return id;
  }
}

function isKnown(value: unknown): value is Known {
  if (typeof value !== 'object' || value === null) return false;
  const { share, versions } = value as Partial<Known>;
  return typeof share === 'number' && Array.isArray(versions);
}

function isAsBefore(cause: Cause, { share, versions }: Known): boolean {
  return shareOf(cause) < GROWN * share && cause.versions.every((version) => versions.includes(version));
}

function shareOf({ traces, of, of_estimated = of }: Cause): number {
  return of === 0 ? 0 : traces / of_estimated;
}
