import type { ExportRequest, Signal } from './request.ts';
import { itemCount, mapRequest, signalOf } from './request.ts';
import { RowBuffer } from './row-buffer.ts';

/** Requests that are written together. */
export class Batch {
  readonly rows = new RowBuffer();
  /** Spans and log records. */
  readonly items: Record<Signal, number> = { traces: 0, logs: 0 };
  /** `_seq` of its first row. */
  firstSeq: number;
  /** When it was journaled: milliseconds since the epoch. */
  now = 0;

  constructor(firstSeq = 0) {
    this.firstSeq = firstSeq;
  }

  /**
   * Adds a request.
   * @param received when it came, milliseconds since the epoch
   * @returns its rows, from..to
   */
  add(request: ExportRequest, received: number): { readonly from: number; readonly to: number } {
    const from = this.rows.rowCount;
    mapRequest(request, received, this.rows);
    this.items[signalOf(request)] += itemCount(request);
    return { from, to: this.rows.rowCount };
  }
}
