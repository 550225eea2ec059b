import type { Recording } from '../recording.ts';
import { SPAN } from '../recording.ts';

/** What a sampler knows of a trace when it decides. */
export interface TraceView {
  readonly id: string;
  /** Rows in the order of arrival: spans, each with its events and links behind it. */
  readonly rows: Int32Array;
  readonly spans: number;
  /** Bytes of the spans, as each came alone. */
  readonly size: number;
}

/** A trace with the rows that had come at a time. */
export function viewAt(recording: Recording, trace: number, time: number): TraceView {
  const all = recording.rowsOf(trace);
  let count = all.length;
  while (count > 0 && (recording.rows.arrival[all[count - 1] ?? 0] ?? 0) > time) count--;
  return viewOf(recording, trace, all.subarray(0, count));
}

/** A trace with some of its rows. */
export function viewOf({ rows, traceIds }: Recording, trace: number, own: Int32Array): TraceView {
  let [spans, size] = [0, 0];
  for (const row of own) {
    if (rows.kind[row] !== SPAN) continue;
    spans += 1;
    size += rows.size[row] ?? 0;
  }
  return { id: traceIds[trace] ?? '', rows: own, spans, size };
}
