import type {
  Accepted,
  AcceptedEntry,
  AskedRoute,
  Judged,
  SightedFields,
  UnseenEntry,
} from '../../../core/runs/accepted.ts';
import { comparedKey } from '../../../core/runs/accepted.ts';
import { repositoryPath } from '../../../core/runs/repository-path.ts';
import { haveOneFile, isEnded } from './entries.ts';

/** The entries of a file, as those who ask about sightings use them. @param today `2026-11-29`, where this process runs */
export function acceptedOf(name: string, entries: readonly AcceptedEntry[], today: string): Accepted {
  const byKey = Map.groupBy(entries, comparedKey);
  const entryOf = (fields: SightedFields) =>
    byKey.get(comparedKey(fields))?.find((entry) => haveOneFile(entry, fields));
  return {
    name,
    entries,
    judge(kinds, place): Judged {
      const found = kinds
        .filter(({ weak }) => !weak)
        .map((kind) => ({ kind, entry: entryOf(inRepository(kind, place)) }));
      const isOpen = ({ entry }: (typeof found)[number]) => entry === undefined || isEnded(entry, today);
      const open = found.find(({ entry }) => entry === undefined) ?? found.find(isOpen);
      if (open !== undefined)
        return {
          unknown: open.kind,
          isPart: !found.every(isOpen),
          ...(open.entry !== undefined && { expired: open.entry }),
        };
      const [first] = found
        .flatMap(({ entry }) => entry ?? [])
        .toSorted((a, b) => ((a.until ?? LAST) < (b.until ?? LAST) ? -1 : 1));
      return first === undefined ? {} : { known: first };
    },
    unseen(kinds, asked, place): UnseenEntry[] {
      const seen = new Set(kinds.map((kind) => entryOf(inRepository(kind, place))));
      return entries
        .filter((entry) => !seen.has(entry))
        .map((entry) => ({ entry, asked: askedFor(entry, asked) }));
    },
  };
}

/** After all days. */
const LAST = '~';

function askedFor({ service, route }: AcceptedEntry, asked: readonly AskedRoute[]): number {
  return asked.find((each) => each.service === service && each.route === route)?.requests ?? 0;
}

/**
 * A sighting with its file as its repository sees it; without one where the file is outside, or a package's.
 * @param place of the folder that the file is told from; undefined where nobody knows
 */
export function inRepository<T extends SightedFields>(sighted: T, place: string | undefined): T {
  const { file, ...rest } = sighted;
  if (file === undefined) return sighted;
  const path = place === undefined ? undefined : repositoryPath(file, place);
  return { ...rest, ...(path !== undefined && { file: path }) } as T;
}
