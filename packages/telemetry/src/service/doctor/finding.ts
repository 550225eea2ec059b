/** `problem`: spans do not arrive. `warning`: perhaps spans do not arrive, or the Node has holes. `note`: good to know. */
export type FindingLevel = 'ok' | 'note' | 'warning' | 'problem';

/** The result of one check, with advice. Holds no key. */
export interface Finding {
  /** The subject in a word: `clock`, `endpoint`. */
  readonly check: string;
  readonly level: FindingLevel;
  /** One or two sentences. */
  readonly what: string;
  /** The advice; absent when there is nothing to do. */
  readonly fix?: string;
  /** Details for machines; absent when `what` says all. */
  readonly data?: Readonly<Record<string, unknown>>;
}
