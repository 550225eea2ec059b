import { join } from 'node:path';
import { defineProblems } from '@tandem/service-kit/http';
import { problems } from '../../../../http/errors.ts';
import { KeptMap } from '../../../../http/kept-map.ts';
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
  readonly #known: KeptMap<Known>;

  /** @param directory folder of the file; without one, memory alone keeps it */
  constructor(directory: string | undefined) {
    this.#known = new KeptMap({
      path: directory === undefined ? undefined : join(directory, 'known-causes.json'),
      entryOf: (id, entry) => (isKnown(entry) ? [idOfToday(id), entry] : undefined),
      unreadable: (fault) =>
        own.KNOWN_NOT_READABLE({
          detail: `${fault}. Mend the file, or remove it: then nothing is hidden.`,
        }),
    });
  }

  /**
   * The causes. A hidden cause says so.
   * @param all causes of the range: of an id of before, the only one that it may mean is hidden
   */
  async mark(causes: readonly Cause[], all: readonly Cause[]): Promise<Cause[]> {
    const known = await this.#known.shown();
    return causes.map((cause) => {
      const [old, own] = [oldIdOf(cause.id), known.get(cause.id)];
      const before = own ?? (known.has(old) && causeOfId(all, old)?.id === cause.id ? known.get(old) : own);
      return before !== undefined && isAsBefore(cause, before) ? { ...cause, known: true } : cause;
    });
  }

  /** Hides a cause. @throws problems TOO_MANY_SAVED, and KNOWN_NOT_READABLE, which leaves the file as it is */
  async hide(cause: Cause): Promise<void> {
    await this.#known.change((known) => {
      if (known.size >= MOST && !known.has(cause.id))
        throw problems.TOO_MANY_SAVED({
          detail: `At most ${MOST} causes stay hidden. Show some of them again.`,
        });
      known.set(cause.id, { share: shareOf(cause), versions: cause.versions });
    });
  }

  /** Shows a cause again. @throws problem KNOWN_NOT_READABLE */
  async show(id: string): Promise<void> {
    await this.#known.change(
      (known) => [idOfToday(id), oldIdOf(id)].filter((each) => known.delete(each)).length > 0,
    );
  }
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
