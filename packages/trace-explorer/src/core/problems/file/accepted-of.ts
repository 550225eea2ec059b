import { isAbsoluteFile } from '../../traces/model/code-place.ts';
import type { Sighting } from '../schemas.ts';
import type { Accepted, AcceptedEntry, AskedRoute, Fingerprint, UnseenEntry } from './accepted.ts';
import { comparedKey } from './accepted.ts';
import { haveOneFile, isEnded, isEndOf } from './entries.ts';
import { repositoryPath } from './repository-path.ts';

/**
 * The entries of a file, as those who ask about sightings use them.
 * @param today `2026-11-29`, where this process runs
 * @param isThere whether a file is in the repository: of an entry whose file has moved, the rest tells
 */
export function acceptedOf(
  name: string,
  entries: readonly AcceptedEntry[],
  today: string,
  isThere: (file: string) => boolean = () => true,
): Accepted {
  const byKey = Map.groupBy(entries, comparedKey);
  const entryOf = (sighting: Sighting, place: string | undefined) => {
    const fields = inRepository(sighting, place);
    const alike = byKey.get(comparedKey(fields));
    const { file: told = '' } = sighting;
    if (isAbsoluteFile(told) && place !== undefined)
      return alike
        ?.filter((entry) => isEndOf(entry, told, place))
        .toSorted((a, b) => (b.file ?? '').length - (a.file ?? '').length)[0];
    const own = alike?.find((entry) => haveOneFile(entry, fields));
    if (own !== undefined || fields.file === undefined || !isThere(fields.file)) return own;
    return alike?.find(({ file }) => file !== undefined && !isThere(file));
  };
  return {
    name,
    entries,
    judge(sightings, place) {
      const found = sightings
        .filter(({ weak }) => !weak)
        .map((sighting) => ({ sighting, entry: entryOf(sighting, place) }));
      const isOpen = ({ entry }: (typeof found)[number]) => entry === undefined || isEnded(entry, today);
      const open = found.find(({ entry }) => entry === undefined) ?? found.find(isOpen);
      if (open !== undefined)
        return {
          unknown: open.sighting,
          isPart: !found.every(isOpen),
          ...(open.entry !== undefined && { expired: open.entry }),
        };
      const [first] = found
        .flatMap(({ entry }) => entry ?? [])
        .toSorted((a, b) => ((a.until ?? LAST) < (b.until ?? LAST) ? -1 : 1));
      return first === undefined ? {} : { known: first };
    },
    unseen(sightings, asked, place): UnseenEntry[] {
      const seen = new Set(sightings.map((sighting) => entryOf(sighting, place)));
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
export function inRepository<T extends Fingerprint>(sighted: T, place: string | undefined): T {
  const { file, ...rest } = sighted;
  if (file === undefined) return sighted;
  const path = place === undefined ? undefined : repositoryPath(file, place);
  return { ...rest, ...(path !== undefined && { file: path }) } as T;
}
