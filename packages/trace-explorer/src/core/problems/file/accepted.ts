import { masked } from '../../redaction/masked.ts';
import type { Sighting } from '../schemas.ts';

/**
 * What a sighting is compared by, by a project's file and by code scanning: whoever asks is asked the same after lines moved, a route's parameter got another name
 * or a port was chosen anew. None of it is an id or a hash, so that people can read and write it.
 */
export interface Fingerprint {
  readonly rule: string;
  readonly service: string;
  /** Of the request that it was seen in, with `:` for parameters: `GET /orders/:`. */
  readonly route: string;
  /** Of the span to blame: `SELECT items`. */
  readonly operation: string;
  /** The shape of a statement. */
  readonly statement?: string;
  /** Of an HTTP call: method, and who answered. */
  readonly call?: string;
  /** Of an error. */
  readonly type?: string;
  readonly message?: string;
  /** As the folder of the run sees it; in a project's file as its repository sees it. */
  readonly file?: string;
}

/** What is compared of a sighting besides its file. Names of one place: a sighting has a statement or a call. */
const PLACES = [
  ...([['rule'], ['service'], ['route'], ['operation']] as const),
  ...([['statement', 'call'], ['type'], ['message']] as const),
] as const;
export const COMPARED = PLACES.flat();

/**
 * Equal for sightings that only their files may tell apart. Code scanning remembers its hash, so a sighting has the same text in each
 * version. A project's file has them without secrets.
 */
export function comparedKey(fields: Fingerprint): string {
  return JSON.stringify(
    PLACES.map((names) =>
      masked(names.map((name) => fields[name]).find((value) => value !== undefined) ?? ''),
    ),
  );
}

/** A sighting that a project accepted: what it is, and who accepted it. */
export interface AcceptedEntry extends Fingerprint {
  /** For people. */
  readonly sentence?: string;
  readonly by: string;
  readonly why: string;
  /** Days, such as `2026-11-29`. */
  readonly since: string;
  /** The last day on which it is accepted. */
  readonly until?: string;
}

/** What a project's file says of a problem. */
interface AcceptedOf {
  /** The entry of a problem whose every sighting has one: the one that ends first. */
  readonly known?: AcceptedEntry;
  /** Else a sighting that no entry has; the first one of a problem without an entry. */
  readonly unknown?: Sighting;
  /** Whether others of its sightings are known. */
  readonly isPart?: boolean;
  /** Its entry, if that has ended. */
  readonly expired?: AcceptedEntry;
}

/** How often each route of a service was asked for. */
export interface AskedRoute {
  readonly service: string;
  readonly route: string;
  readonly requests: number;
}

/** An entry that no sighting has, and how often its route was asked for: 0 for a route that was not asked for. */
export interface UnseenEntry {
  readonly entry: AcceptedEntry;
  readonly asked: number;
}

/** What a project has accepted. */
export interface Accepted {
  /** The file's name, for people. */
  readonly name: string;
  readonly entries: readonly AcceptedEntry[];
  /** @param place of the folder that files are told from, in its repository: `packages/shop`; undefined where nobody knows */
  judge(sightings: readonly Sighting[], place: string | undefined): AcceptedOf;
  /** The entries that some sightings do not have. */
  unseen(
    sightings: readonly Sighting[],
    asked: readonly AskedRoute[],
    place: string | undefined,
  ): readonly UnseenEntry[];
}

/** Which problems the project of the command's folder has accepted. */
export interface AcceptedHere {
  /** Undefined without a file. */
  readonly accepted?: Accepted | undefined;
  readonly folder?: string | undefined;
  /** Where the folder is in its repository. */
  readonly place?: string | undefined;
  /** What is wrong with the file: then no problem counts as known. */
  readonly fault?: string | undefined;
}
