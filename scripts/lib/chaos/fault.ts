import type { AnswerClass } from './load.ts';
import type { Stage, StageOptions } from './stage.ts';

/** What is promised while a fault lasts, and after it. A row of docs/reliability.md says the same. */
export interface Promised {
  /** Answers to pages, each of which is seen; others are the exception. */
  readonly reads: readonly AnswerClass[];
  /** The same of new activities. */
  readonly writes: readonly AnswerClass[];
  /** Answers that come with it or do not, as the machine is fast or slow. */
  readonly atTimes?: readonly AnswerClass[];
  /**
   * What the spans of activities-api show: Errors with their `error.type` (`GET /api/users ECONNREFUSED`), and why pages
   * had no names (`app.degraded_reason timeout`).
   */
  readonly shows?: readonly string[];
  /**
   * Spans that do not arrive: none, those of requests answered in the last 500 ms of a process that was killed, or what the
   * backend refuses for good, which /metrics counts.
   */
  readonly loses: 'nothing' | 'the last 500 ms before the kill' | 'what is refused';
  /** Seconds after its end within which all requests succeed, and within which all spans have arrived. */
  readonly answersWithin: number;
  readonly spansWithin: number;
}

/** Nobody notices. */
export const UNNOTICED: Promised = {
  reads: ['200'],
  writes: ['201'],
  loses: 'nothing',
  answersWithin: 5,
  spansWithin: 5,
};

/** Something that goes wrong, and what is promised of it. */
export interface Fault {
  /** As it is typed: `user-lookup-dead`. */
  readonly name: string;
  /** What is done, for somebody who reads the table. */
  readonly what: string;
  readonly promised: Promised;
  readonly cause: Cause;
  /** What the services are started with; the usual stage when left out. */
  readonly stage?: StageOptions;
  /** Seconds between `inject` and `mend`; 4 when left out. */
  readonly seconds?: number;
}

export interface Cause {
  inject(stage: Stage): unknown;
  mend(stage: Stage): unknown;
}

/** A fault of the connections between two parts. */
export function way(
  name: 'wayToUserLookup' | 'wayToBackend' | 'wayToDatabase',
  mode: Parameters<Stage['wayToBackend']['become']>[0],
): Cause {
  return {
    inject: (stage) => stage[name]?.become(mode),
    mend: (stage) => stage[name]?.become('forward'),
  };
}
