/**
 * What a sighting of a cause is compared by: whoever asks is asked the same after lines moved, a route's parameter got another name
 * or a port was chosen anew. None of it is an id or a hash, so that people can read and write it.
 */
export interface SightedFields {
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
 * version.
 */
export function comparedKey(fields: SightedFields): string {
  return JSON.stringify(
    PLACES.map((names) => names.map((name) => fields[name]).find((value) => value !== undefined) ?? ''),
  );
}

/** One kind of sighting of a cause, with a trace that shows it. */
export interface SightedKind extends SightedFields {
  readonly sentence: string;
  readonly line?: string;
  readonly trace_id: string;
  /** Below the limits of its rule, or of the machine: it is no problem, and its entry is needed. */
  readonly weak?: boolean;
}

/** A sighting that a project accepted: what it is, and who accepted it. */
export interface AcceptedEntry extends SightedFields {
  /** For people. */
  readonly sentence?: string;
  readonly by: string;
  readonly why: string;
  /** Days, such as `2026-11-29`. */
  readonly since: string;
  /** The last day on which it is accepted. */
  readonly until?: string;
}

/** What a project's file says of a cause. */
export interface Judged {
  /** The entry of a cause whose every kind of sighting has one: the one that ends first. */
  readonly known?: AcceptedEntry;
  /** Else a kind that no entry has; the first one of a cause without an entry. */
  readonly unknown?: SightedKind;
  /** Whether others of its kinds are known. */
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
  judge(kinds: readonly SightedKind[], place: string | undefined): Judged;
  /** The entries that some kinds of sightings do not have. */
  unseen(
    kinds: readonly SightedKind[],
    asked: readonly AskedRoute[],
    place: string | undefined,
  ): readonly UnseenEntry[];
}

/** Reads what a project has accepted. */
export interface Acceptance {
  /**
   * @param folder from which the file is looked for, up to the root of its repository
   * @param named the file, or `none`
   * @returns undefined without a file
   * @throws Error in one line: the file, its line, and what is wrong with it
   */
  read(folder: string, named?: string): Promise<Accepted | undefined>;
  /** Where a folder is in its repository: `packages/shop`, or `.`. */
  placeOf(folder: string): string;
}

/** Which problems the project of the command's folder has accepted. */
export interface KnownHere {
  /** Undefined without a file. */
  readonly accepted?: Accepted | undefined;
  /** Where the folder is in its repository. */
  readonly place?: string | undefined;
  /** What is wrong with the file: then no problem counts as known. */
  readonly fault?: string | undefined;
}
