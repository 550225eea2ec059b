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

/** Spans of a name that have an error while a fault lasts. */
export interface PromisedError {
  /** `service name KIND`, as in SeenSpan. */
  readonly span: string;
  /** `error.type`; left out for SERVER spans, whose type is their status. */
  readonly type?: string;
  /** Whether the exception is recorded with it. */
  readonly hasException: boolean;
}

/**
 * What is seen each time while a fault lasts, however fast the machine is: all of it at least once, and anything else less
 * often than not.
 */
export interface Promised {
  readonly reads: readonly AnswerClass[];
  readonly writes: readonly AnswerClass[];
  readonly errors?: readonly PromisedError[];
  /** Why pages had no names: values of `app.degraded_reason`. */
  readonly reasons?: readonly string[];
}

/** Nobody notices. */
export const UNNOTICED: Promised = { reads: ['200'], writes: ['201'] };

/** `error.type` of a call that had no answer in time. */
export const TIMED_OUT = 'timeout';

/** The spans of activities-api whose errors are promised. */
export const SPANS = {
  home: 'activities-api GET /api/activities/home SERVER',
  handle: 'activities-api GET /api/activities/@:handle SERVER',
  create: 'activities-api POST /api/activities SERVER',
  users: 'activities-api GET /api/users CLIENT',
  begin: 'activities-api BEGIN CLIENT',
  commit: 'activities-api COMMIT CLIENT',
} as const;

/** Something that goes wrong, and what is promised of it. */
export interface Fault {
  /** As it is typed: `user-lookup-dead`. */
  readonly name: string;
  /** What is done, for somebody who reads the table. */
  readonly what: string;
  readonly needs?: readonly Need[];
  readonly promised: Promised;
  /** What the services are started with; the usual stage when left out. */
  readonly stage?: StageOptions;
  /** Seconds between `inject` and `mend`; 4 when left out. */
  readonly seconds?: number;
  /**
   * Answers that come with it or do not, as on the speed of the machine: of a fault that is over within a moment. They are
   * explained, too.
   */
  readonly atTimes?: readonly AnswerClass[];
  /** Answers that it explains beside those that are promised, and those that are documented for every request. */
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

/** Answers that need no other explanation while the fault is there. */
export function answersExplainedBy({
  promised,
  explains = [],
  atTimes = [],
}: Fault): ReadonlySet<AnswerClass> {
  return new Set([...promised.reads, ...promised.writes, ...explains, ...atTimes]);
}
