import type { Reading } from './reading.ts';

/** How much a rule of the specification counts, as the specification says. */
export type Impact = 'Critical' | 'Important' | 'Normal' | 'Low';

/** The change that mends what a rule found. */
export interface Mend {
  /** For a service in Node: a line of code, or a variable. */
  readonly node: string;
  /** For any other service: a setting. */
  readonly others: string;
}

/** What a rule found in one service. */
export interface Found {
  readonly service: string;
  /** One sentence with a count, without a full stop. */
  readonly sentence: string;
  readonly mend: Mend;
  /** The number of spans, log records or traces that the sentence counts. */
  readonly count: number;
  /** `_seq` of a row that shows it. */
  readonly example: number;
}

/** One thing that telemetry may do wrong. */
export interface Rule {
  /** The specification's id, such as `RES-001`, or a name of our own, such as `deprecated-name`. */
  readonly name: string;
  /** Only rules of the specification have one, and only these count in the score. */
  readonly impact?: Impact;
  find(reading: Reading): Promise<readonly Found[]>;
}
