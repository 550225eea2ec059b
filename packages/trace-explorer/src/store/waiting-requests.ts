import { StoreBusyError } from './errors.ts';
import type { Counted, ExportRequest } from './export-request.ts';
import { countedOf, groupsOf, itemCount, itemRows } from './export-request.ts';
import { mapRequest } from './map-request.ts';
import type { RowGroup } from './row-buffer.ts';
import { MAX_SHARED_BYTES, RowBuffer } from './row-buffer.ts';
import type { WriteResult } from './types.ts';
import type { WholeBody } from './whole-body.ts';
import { heldBytes } from './whole-body.ts';

/** Rows and bytes that may wait while a commit runs: what comes in a second at full load, 64 MiB at most. */
const MAX_WAITING_ROWS = 65_536;
const MAX_WAITING_BYTES = 64 * 1024 * 1024;
/** What a request has at most that is no part of a large body. */
const SMALL_ITEMS = 1_024;
const SMALL_BYTES = 1024 * 1024;
/** A span of a few KB can have thousands of links, each of which is a row with the fields of a large resource. */
const SMALL_ROW_BYTES = 8 * 1024 * 1024;
/** Bytes of small requests that may wait in any case, such as beside a span that takes all the others. */
const RESERVED_SMALL_BYTES = 8 * 1024 * 1024;
/** Items and rows of small requests that are written together. */
const BATCH_ITEMS = 4_096;
const BATCH_ROWS = 4_096;
const BATCH_ROW_BYTES = 16 * 1024 * 1024;
/** Items of large requests that are written together: one part of a body, so that small ones wait for no more than it. */
const LARGE_BATCH_ITEMS = 2_048;

/** A request whose rows wait to be written, and those who wait for it. */
export interface Waiting {
  readonly counted: Counted;
  /** Its rows in the batch, and the groups that they are in. */
  readonly from: number;
  readonly to: number;
  readonly groups: readonly RowGroup[];
  /** When it came, milliseconds since the epoch. */
  readonly received: number;
  readonly bytes: number;
  /** See ExportRequest; until it is in the journal. */
  whole: WholeBody | undefined;
  readonly resolve: (result: WriteResult) => void;
  readonly reject: (error: unknown) => void;
}

/** Requests that are written together. */
export interface Batch {
  readonly rows: RowBuffer;
  readonly requests: Waiting[];
  readonly isSmall: boolean;
  items: number;
  bytes: number;
  rowBytes: number;
}

/**
 * Requests on their way into the file: those that wait, and those that are being written. Small ones and large ones are
 * taken in turns, so that neither waits for a queue of the other. Their rows are made as they come: spans that waited as
 * decoded would be moved about by the garbage collector, which takes longer than the mapping.
 */
export class WaitingRequests {
  readonly #small: Batch[] = [];
  readonly #large: Batch[] = [];
  #wasSmall = false;
  #items = 0;
  #bytes = 0;
  #smallBytes = 0;

  get isEmpty(): boolean {
    return this.#small.length + this.#large.length === 0;
  }

  /** Makes a request's rows. Resolves when they are written. @throws StoreBusyError at once when too much waits already */
  add(request: ExportRequest): Promise<WriteResult> {
    const size = sizeOf(request);
    const { items } = size;
    const bytes = request.whole === undefined ? size.bytes : heldBytes(request.whole);
    const isSmall = items <= SMALL_ITEMS && bytes <= SMALL_BYTES && size.rowBytes <= SMALL_ROW_BYTES;
    const isReserved = isSmall && this.#smallBytes + bytes <= RESERVED_SMALL_BYTES;
    const full =
      this.#items + items > MAX_WAITING_ROWS || (!isReserved && this.#bytes + bytes > MAX_WAITING_BYTES);
    // A request larger than the whole queue is taken when it is alone.
    if (full && !this.isEmpty) throw new StoreBusyError(1);
    const batch = this.#batchFor(size, isSmall);
    const { rows } = batch;
    const [from, firstGroup] = [rows.rowCount, rows.groups.length];
    const received = Date.now();
    mapRequest(request, received, rows);
    batch.items += items;
    batch.bytes += bytes;
    batch.rowBytes += size.rowBytes;
    this.#items += items;
    this.#bytes += bytes;
    if (isSmall) this.#smallBytes += bytes;
    const { promise, resolve, reject } = Promise.withResolvers<WriteResult>();
    batch.requests.push({
      counted: countedOf(request),
      from,
      to: rows.rowCount,
      groups: rows.groups.slice(firstGroup),
      received,
      bytes,
      whole: request.whole,
      resolve,
      reject,
    });
    return promise;
  }

  /** Takes the oldest batch of the kind whose turn it is; undefined when none waits. */
  take(): Batch | undefined {
    const isSmall = this.#small.length > 0 && (this.#large.length === 0 || !this.#wasSmall);
    this.#wasSmall = isSmall;
    return (isSmall ? this.#small : this.#large).shift();
  }

  /** Takes the oldest batch of small requests that is quickly written, if it and those before it have no more than `maxRows`. */
  takeSmall(maxRows: number, isQuick: (rows: RowBuffer) => boolean): Batch | undefined {
    const end = this.#small.findIndex(({ rows }) => rows.rowCount > maxRows);
    const at = this.#small.findIndex(({ rows }) => isQuick(rows));
    return at < 0 || (end >= 0 && at >= end) ? undefined : this.#small.splice(at, 1)[0];
  }

  /** Makes room again: what was taken has been written, or has failed. */
  release({ items, bytes, isSmall }: Batch): void {
    this.#items -= items;
    this.#bytes -= bytes;
    if (isSmall) this.#smallBytes -= bytes;
  }

  /** The newest batch of the kind, or another one where that would become too large. */
  #batchFor({ items, rows, rowBytes }: ReturnType<typeof sizeOf>, isSmall: boolean): Batch {
    const queue = isSmall ? this.#small : this.#large;
    const newest = queue.at(-1);
    const fits =
      newest !== undefined &&
      newest.items + items <= (isSmall ? BATCH_ITEMS : LARGE_BATCH_ITEMS) &&
      newest.rows.rowCount + rows <= BATCH_ROWS &&
      newest.rowBytes + rowBytes <= BATCH_ROW_BYTES;
    if (fits) return newest;
    const batch = { rows: new RowBuffer(), requests: [], isSmall, items: 0, bytes: 0, rowBytes: 0 };
    queue.push(batch);
    return batch;
  }
}

/** Items, their bytes, and rows with theirs, about: each row has the fields of its resource and scope, however small it is. */
function sizeOf(request: ExportRequest) {
  const size = { items: itemCount(request), bytes: 0, rows: 0, rowBytes: 0 };
  for (const { resource, scope, items } of groupsOf(request)) {
    const shared = Math.min(resource.raw.byteLength + scope.raw.byteLength, MAX_SHARED_BYTES);
    for (const item of items) {
      const rows = itemRows(item);
      size.bytes += item.raw.byteLength;
      size.rows += rows;
      size.rowBytes += item.raw.byteLength + shared * rows;
    }
  }
  return size;
}
