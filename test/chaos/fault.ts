import type { AnswerClass } from './load.ts';
import type { Stage, StageOptions } from './stage.ts';

/** The promise during and after a fault: a row of docs/reliability.md. */
export interface Promised {
  /** Answers to requests for pages. Each must occur; other answers must be rare. */
  readonly reads: readonly AnswerClass[];
  /** Answers to new activities. */
  readonly writes: readonly AnswerClass[];
  /** Answers that may occur, because the fault is short. */
  readonly atTimes?: readonly AnswerClass[];
  /**
   * Errors in the spans of activities-api, with their `error.type` (`GET /api/users ECONNREFUSED`), and why pages had no
   * names (`app.degraded_reason timeout`).
   */
  readonly shows?: readonly string[];
  /**
   * Spans that do not arrive: none, the spans of requests answered in the last 500 ms before a kill, or the spans that the
   * backend refuses, which /metrics counts.
   */
  readonly loses: 'nothing' | 'the last 500 ms before the kill' | 'refused spans';
  /** Seconds from the end of the fault until all requests succeed, and until all spans have arrived. */
  readonly answersWithin: number;
  readonly spansWithin: number;
}

/** Neither callers nor traces show the fault. */
export const UNNOTICED: Promised = {
  reads: ['200'],
  writes: ['201'],
  loses: 'nothing',
  answersWithin: 5,
  spansWithin: 5,
};

export interface Fault {
  /** The argument of the command: `user-lookup-dead`. */
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
