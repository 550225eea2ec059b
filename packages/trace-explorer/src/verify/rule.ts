import type { Reading } from './reading.ts';

/** What a rule found in one service. */
export interface Found {
  readonly service: string;
  /** The number of spans, log records or traces. */
  readonly count: number;
  /** `_seq` of a row that shows it. */
  readonly example: number;
  /** What the rule's sentence in texts.json has in braces, besides the count. */
  readonly words?: Readonly<Record<string, string>>;
}

/** Reads one thing that telemetry may do wrong. Its sentence and what mends it are in texts.json. */
export type Rule = (reading: Reading) => Promise<readonly Found[]>;
