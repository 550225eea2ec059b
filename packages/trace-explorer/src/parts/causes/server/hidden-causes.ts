import { join } from 'node:path';
import { defineProblems } from '@tandem/service-kit/http';
import { problems } from '../../../core/errors.ts';
import { KeptMap } from '../../../core/files/kept-map.ts';
import type { HiddenSince } from '../../../core/problems/judge.ts';
import { isHidden, shareOf } from '../../../core/problems/judge.ts';
import type { Cause } from '../../../core/problems/schemas.ts';
import { node } from '../part.node.ts';

const own = defineProblems(node.problems);

/** Most causes in the file. */
const MOST = 500;

/** Causes that are hidden until they change: twice the share, or a new version of the service. */
export class HiddenCauses {
  readonly #hidden: KeptMap<HiddenSince>;

  /** @param directory folder of the file; without one, memory alone keeps it */
  constructor(directory: string | undefined) {
    this.#hidden = new KeptMap({
      path: directory === undefined ? undefined : join(directory, 'known-causes.json'),
      entryOf: (id, entry) => (isHiddenSince(entry) ? [id, entry] : undefined),
      unreadable: (fault) =>
        own.KNOWN_NOT_READABLE({
          detail: `${fault}. Mend the file, or remove it: then nothing is hidden.`,
        }),
    });
  }

  /** The causes. A hidden cause says so. */
  async mark(causes: readonly Cause[]): Promise<Cause[]> {
    const hidden = await this.#hidden.shown();
    return causes.map((cause) => {
      const before = hidden.get(cause.id);
      return before !== undefined && isHidden(cause, before) ? { ...cause, hidden: true } : cause;
    });
  }

  /** Hides a cause. @throws problems TOO_MANY_SAVED, and KNOWN_NOT_READABLE, which leaves the file as it is */
  async hide(cause: Cause): Promise<void> {
    await this.#hidden.change((hidden) => {
      if (hidden.size >= MOST && !hidden.has(cause.id))
        throw problems.TOO_MANY_SAVED({
          detail: `At most ${MOST} causes stay hidden. Show some of them again.`,
        });
      hidden.set(cause.id, { share: shareOf(cause), versions: cause.versions });
    });
  }

  /** Shows a cause again. @throws problem KNOWN_NOT_READABLE */
  async show(id: string): Promise<void> {
    await this.#hidden.change((hidden) => hidden.delete(id));
  }
}

function isHiddenSince(value: unknown): value is HiddenSince {
  if (typeof value !== 'object' || value === null) return false;
  const { share, versions } = value as Partial<HiddenSince>;
  return typeof share === 'number' && Array.isArray(versions);
}
