import type { ExportFailure } from './export-failure.ts';

/** Is told what became of exports. */
export interface FailureReporter {
  /**
   * An export failed.
   *
   * @param lost how many spans or log records will not be sent again; 0 when they are kept for later
   * @param held how many are on disk, and are not sent before somebody has mended what failed; default 0
   */
  report(failure: ExportFailure, lost: number, held?: number): void;
  /** An export to this URL succeeded; called on each success. */
  recovered(url: string): void;
  /** No further exports come; to be called at shutdown. */
  finish(): void;
}
