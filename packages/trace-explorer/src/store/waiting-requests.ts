import type { DecodedTraces } from '@tandem/otlp';
import { StoreBusyError } from './errors.ts';
import type { WriteResult } from './types.ts';

/** Rows and bytes that may wait while a commit runs: what comes in a second at full load, 64 MiB at most. */
const MAX_WAITING_ROWS = 65_536;
const MAX_WAITING_BYTES = 64 * 1024 * 1024;

/** A request whose spans are to be written, and those who wait for it. */
export interface Waiting {
  readonly traces: DecodedTraces;
  readonly resolve: (result: WriteResult) => void;
  readonly reject: (error: unknown) => void;
}

/** Requests on their way into the file: those that wait, and those that are being written. */
export class WaitingRequests {
  readonly #waiting: Waiting[] = [];
  #spans = 0;
  #bytes = 0;

  get isEmpty(): boolean {
    return this.#waiting.length === 0;
  }

  /** Resolves when the spans are written. @throws StoreBusyError at once when too much waits already */
  add(traces: DecodedTraces): Promise<WriteResult> {
    const bytes = sizeOf(traces);
    const full = this.#spans + traces.spanCount > MAX_WAITING_ROWS || this.#bytes + bytes > MAX_WAITING_BYTES;
    // A request larger than the whole queue is taken when it is alone.
    if (full && !this.isEmpty) throw new StoreBusyError(1);
    this.#spans += traces.spanCount;
    this.#bytes += bytes;
    return new Promise((resolve, reject) => this.#waiting.push({ traces, resolve, reject }));
  }

  /** Takes the oldest requests, at least one, with `maxSpans` spans together. */
  take(maxSpans: number): readonly Waiting[] {
    let spans = 0;
    let count = 0;
    for (const { traces } of this.#waiting) {
      if (count > 0 && spans + traces.spanCount > maxSpans) break;
      spans += traces.spanCount;
      count++;
    }
    return this.#waiting.splice(0, count);
  }

  /** Makes room again: what was taken has been written, or has failed. */
  release(taken: readonly Waiting[]): void {
    for (const { traces } of taken) {
      this.#spans -= traces.spanCount;
      this.#bytes -= sizeOf(traces);
    }
  }
}

function sizeOf(traces: DecodedTraces): number {
  let bytes = 0;
  for (const { spans } of traces.scopeSpans) for (const { raw } of spans) bytes += raw.byteLength;
  return bytes;
}
