import type { TraceFacts } from './facts.ts';

/** Something that is wrong with a trace, in words for a person. */
export interface Finding {
  /** The rule that found it, as `repeated-call`. */
  readonly rule: string;
  /** One sentence with numbers, without a full stop. */
  readonly sentence: string;
  /** What to do about it. */
  readonly advice: string;
  /** Places of its spans in the trace, the first to look at first; none where it is about the whole trace. */
  readonly places: readonly number[];
  /** Nanoseconds that it cost, by which findings of one rule are ordered. */
  readonly cost: number;
}

/** What a rule says of a trace. The name of the rule is added. */
export type Found = Omit<Finding, 'rule'>;

/** One way in which traces go wrong. */
export interface Rule {
  readonly name: string;
  /** Leaves out spans that `facts.taken` has: a rule before this one has reported them. */
  find(facts: TraceFacts): readonly Found[];
}
