import type { AnswerClass } from './answers.ts';
import type { Stage, StageOptions } from './stage.ts';

/** What the machine may lack for a fault. */
export type Need = 'PostgreSQL' | 'mount';

/** What happens to the spans of requests that were answered. */
export type Loss =
  /** All arrive. */
  | 'nothing'
  /** All arrive, but for those of requests answered in the last 500 ms of a process that was killed. */
  | 'last 500 ms'
  /** What the backend refuses for good is not sent again, and counted. */
  | 'what is refused';

/** Something that goes wrong, and what is promised of it. */
export interface Fault {
  /** As it is typed: `user-lookup-dead`. */
  readonly name: string;
  /** What is done, for somebody who reads the table. */
  readonly what: string;
  readonly needs?: readonly Need[];
  /** What the services are started with; the usual stage when left out. */
  readonly stage?: StageOptions;
  /** Seconds between `inject` and `mend`; 4 when left out. */
  readonly seconds?: number;
  /**
   * Answers that come with it or do not, as on the speed of the machine: of a fault that is over within a moment. They are
   * explained, too.
   */
  readonly atTimes?: readonly AnswerClass[];
  /** Answers that it explains beside successes and those that are documented for every request. */
  readonly explains?: readonly AnswerClass[];
  /** All that are sent this many seconds after `mend`, or later, succeed. */
  readonly recoversWithin: number;
  /** Spans of requests from before `mend` have arrived by then, in seconds. */
  readonly deliversWithin: number;
  readonly loses: Loss;
  /**
   * Faults that come and go in its place, in turn with nothing: callers are not to notice them, which is to say that
   * their p99 stays within what it is without. Slices in turn, because a machine is not equally busy all the time.
   */
  readonly alternates?: readonly Fault[];
  /** Whether it is one of those that come and go under mixed load: it needs the usual stage only. */
  readonly isMixed?: boolean;
  inject(stage: Stage): Promise<unknown> | unknown;
  mend(stage: Stage): Promise<unknown> | unknown;
}
