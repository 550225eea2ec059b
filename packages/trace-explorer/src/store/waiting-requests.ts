import { StoreBusyError } from './errors.ts';
import type { ExportRequest } from './export-request.ts';
import { groupsOf, itemCount } from './export-request.ts';
import type { WriteResult } from './types.ts';

/** Rows and bytes that may wait while a commit runs: what comes in a second at full load, 64 MiB at most. */
const MAX_WAITING_ROWS = 65_536;
const MAX_WAITING_BYTES = 64 * 1024 * 1024;

/** A request whose spans or log records are to be written, and those who wait for it. */
export interface Waiting {
  readonly request: ExportRequest;
  readonly resolve: (result: WriteResult) => void;
  readonly reject: (error: unknown) => void;
}

/** Requests on their way into the file: those that wait, and those that are being written. */
export class WaitingRequests {
  readonly #waiting: Waiting[] = [];
  #items = 0;
  #bytes = 0;

  get isEmpty(): boolean {
    return this.#waiting.length === 0;
  }

  /** Resolves when it is written. @throws StoreBusyError at once when too much waits already */
  add(request: ExportRequest): Promise<WriteResult> {
    const bytes = sizeOf(request);
    const items = itemCount(request);
    const full = this.#items + items > MAX_WAITING_ROWS || this.#bytes + bytes > MAX_WAITING_BYTES;
    // A request larger than the whole queue is taken when it is alone.
    if (full && !this.isEmpty) throw new StoreBusyError(1);
    this.#items += items;
    this.#bytes += bytes;
    return new Promise((resolve, reject) => this.#waiting.push({ request, resolve, reject }));
  }

  /** Takes the oldest requests, at least one, with `maxItems` spans and log records together. */
  take(maxItems: number): readonly Waiting[] {
    let items = 0;
    let count = 0;
    for (const { request } of this.#waiting) {
      if (count > 0 && items + itemCount(request) > maxItems) break;
      items += itemCount(request);
      count++;
    }
    return this.#waiting.splice(0, count);
  }

  /** Makes room again: what was taken has been written, or has failed. */
  release(taken: readonly Waiting[]): void {
    for (const { request } of taken) {
      this.#items -= itemCount(request);
      this.#bytes -= sizeOf(request);
    }
  }
}

function sizeOf(request: ExportRequest): number {
  let bytes = 0;
  for (const { items } of groupsOf(request)) for (const { raw } of items) bytes += raw.byteLength;
  return bytes;
}
