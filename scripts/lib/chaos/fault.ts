import type { AnswerClass } from './load.ts';
import type { Stage, StageOptions } from './stage.ts';

/** The promise during and after a fault: a row of docs/reliability.md. */
export interface Promised {
  /** Answers to pages. Each of them has to be seen; other answers have to be rare. */
  readonly reads: readonly AnswerClass[];
  /** Answers to new activities. */
  readonly writes: readonly AnswerClass[];
  /** Answers that may come or not, because the fault is short. */
  readonly atTimes?: readonly AnswerClass[];
  /**
   * The spans of activities-api show these: Errors with their `error.type` (`GET /api/users ECONNREFUSED`), and why pages
   * had no names (`app.degraded_reason timeout`).
   */
  readonly shows?: readonly string[];
  /**
   * Spans that do not arrive: none, those of requests answered in the last 500 ms of a process that was killed, or what the
   * backend refuses for good, which /metrics counts.
   */
  readonly loses: 'nothing' | 'the last 500 ms before the kill' | 'what is refused';
  /** Seconds from the end of the fault until all requests succeed, and until all spans have arrived. */
  readonly answersWithin: number;
  readonly spansWithin: number;
}

/** Callers and traces show nothing of the fault. */
export const UNNOTICED: Promised = {
  reads: ['200'],
  writes: ['201'],
  loses: 'nothing',
  answersWithin: 5,
  spansWithin: 5,
};

/** A fault and its promise. */
export interface Fault {
  /** As it is typed: `user-lookup-dead`. */
  readonly name: string;
  /** One sentence about the fault, for readers of the table. */
  readonly what: string;
  readonly promised: Promised;
  readonly cause: Cause;
  /** How the services start; default: the usual stage. */
  readonly stage?: StageOptions;
  /** Seconds between `inject` and `mend`; default: 4. */
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
