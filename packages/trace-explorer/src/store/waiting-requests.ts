import { StoreBusyError } from './errors.ts';
import type { ExportRequest } from './export-request.ts';
import { groupsOf, itemCount, rowCount } from './export-request.ts';
import type { WriteResult } from './types.ts';

/** Rows and bytes that may wait while a commit runs: what comes in a second at full load, 64 MiB at most. */
const MAX_WAITING_ROWS = 65_536;
const MAX_WAITING_BYTES = 64 * 1024 * 1024;
/** What a request has at most that is no part of a large body. */
const SMALL_ITEMS = 1_024;
const SMALL_BYTES = 1024 * 1024;
/** Bytes of small requests that may wait in any case, such as beside a span that takes all the others. */
const RESERVED_SMALL_BYTES = 8 * 1024 * 1024;
/** Items of large requests that are taken together: one part of a body, so that small ones wait for no more than it. */
const LARGE_ITEMS = 2_048;

/** A request whose spans or log records are to be written, and those who wait for it. */
export interface Waiting {
  readonly request: ExportRequest;
  readonly bytes: number;
  readonly isSmall: boolean;
  readonly resolve: (result: WriteResult) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Requests on their way into the file: those that wait, and those that are being written. Small ones and large ones are
 * taken in turns, so that neither waits for a queue of the other.
 */
export class WaitingRequests {
  readonly #small: Waiting[] = [];
  readonly #large: Waiting[] = [];
  #wasSmall = false;
  #items = 0;
  #bytes = 0;
  #smallBytes = 0;

  get isEmpty(): boolean {
    return this.#small.length + this.#large.length === 0;
  }

  /** Resolves when it is written. @throws StoreBusyError at once when too much waits already */
  add(request: ExportRequest): Promise<WriteResult> {
    const bytes = sizeOf(request);
    const items = itemCount(request);
    const isSmall = items <= SMALL_ITEMS && bytes <= SMALL_BYTES;
    const isReserved = isSmall && this.#smallBytes + bytes <= RESERVED_SMALL_BYTES;
    const full =
      this.#items + items > MAX_WAITING_ROWS || (!isReserved && this.#bytes + bytes > MAX_WAITING_BYTES);
    // A request larger than the whole queue is taken when it is alone.
    if (full && !this.isEmpty) throw new StoreBusyError(1);
    this.#items += items;
    this.#bytes += bytes;
    if (isSmall) this.#smallBytes += bytes;
    const queue = isSmall ? this.#small : this.#large;
    return new Promise((resolve, reject) => queue.push({ request, bytes, isSmall, resolve, reject }));
  }

  /** Takes the oldest requests of the kind whose turn it is, at least one, with `maxItems` spans and log records together. */
  take(maxItems: number): readonly Waiting[] {
    const isSmall = this.#small.length > 0 && (this.#large.length === 0 || !this.#wasSmall);
    this.#wasSmall = isSmall;
    return isSmall
      ? takeOldest(this.#small, maxItems)
      : takeOldest(this.#large, Math.min(maxItems, LARGE_ITEMS));
  }

  /** Takes the oldest small requests that are no more than `maxRows` together; maybe none. */
  takeSmall(maxRows: number): readonly Waiting[] {
    let rows = 0;
    let count = 0;
    for (const { request } of this.#small) {
      rows += rowCount(request);
      if (rows > maxRows) break;
      count++;
    }
    return this.#small.splice(0, count);
  }

  /** Makes room again: what was taken has been written, or has failed. */
  release(taken: readonly Waiting[]): void {
    for (const { request, bytes, isSmall } of taken) {
      this.#items -= itemCount(request);
      this.#bytes -= bytes;
      if (isSmall) this.#smallBytes -= bytes;
    }
  }
}

function takeOldest(waiting: Waiting[], maxItems: number): readonly Waiting[] {
  let items = 0;
  let count = 0;
  for (const { request } of waiting) {
    if (count > 0 && items + itemCount(request) > maxItems) break;
    items += itemCount(request);
    count++;
  }
  return waiting.splice(0, count);
}

function sizeOf(request: ExportRequest): number {
  let bytes = 0;
  for (const { items } of groupsOf(request)) for (const { raw } of items) bytes += raw.byteLength;
  return bytes;
}
