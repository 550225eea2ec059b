/** How bad it is: `problem` keeps spans from where they belong, `warning` may, `note` is good to know. */
export type FindingLevel = 'ok' | 'note' | 'warning' | 'problem';

/** The result of one check, with advice. Holds no key. */
export interface Finding {
  /** What was looked at, in a word: `clock`, `endpoint`. */
  readonly check: string;
  readonly level: FindingLevel;
  /** One or two sentences. */
  readonly what: string;
  /** What to do, where something is to be done. */
  readonly fix?: string;
  /** The same for machines, where there is more than a sentence says. */
  readonly data?: Readonly<Record<string, unknown>>;
}
