import type { ExportFailure } from './export-failure.ts';

/** Is told what became of exports. */
export interface FailureReporter {
  /**
   * An export failed.
   *
   * @param lost how many spans or log records will not be sent again; 0 when they are kept for later
   */
  report(failure: ExportFailure, lost: number): void;
  /** An export to this URL succeeded; called on each success. */
  recovered(url: string): void;
  /** No further exports come; to be called at shutdown. */
  finish(): void;
}
