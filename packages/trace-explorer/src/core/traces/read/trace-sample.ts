import type { TimeInterval } from '../../../lib/time/time-range.ts';
import type { ReadOptions, SpanStore } from '../../store/store.ts';
import { spanColumns } from './span-columns.ts';

/** The number of spans to read when a statement joins spans with other spans of their traces. */
export interface ShareLimits {
  /** Up to this many spans in the range, all spans are read. Joining more takes seconds. */
  readonly most?: number;
  /** Above `most`, about this many spans are read. */
  readonly sample?: number;
}

const MAX_JOINED = 1_000_000;
const SAMPLE_SPANS = 400_000;

/** A share of the traces. Traces are whole, so that both sides of a call are there. */
export interface TraceSample {
  /** One trace in this many is read; 1 reads all traces. */
  readonly oneIn: number;
  /** The condition that a row of table `spans` belongs to a trace of the share. */
  readonly condition: string;
}

/** All traces. */
export const ALL_TRACES: TraceSample = { oneIn: 1, condition: 'true' };

/**
 * The condition that a row belongs to a sample of one trace in `oneIn`, by a hash of the trace's id. All code samples traces in
 * this way, so a sample of one in twelve is part of the sample of one in four.
 * @param trace SQL of the id
 */
export function oneTraceSql(trace: string, oneIn: number): string {
  return oneIn === 1 ? 'true' : `hash(${trace}) % ${oneIn} = 0`;
}

/** The traces of a time range for joins of their spans; a sample of the traces with more than a million spans. */
export async function readJoinedShare(
  store: SpanStore,
  { start, end }: TimeInterval,
  { most = MAX_JOINED, sample = SAMPLE_SPANS }: ShareLimits,
  options: ReadOptions,
): Promise<TraceSample> {
  const { isSpan, traceId } = spanColumns(store);
  let spans = 0;
  if (store.stats().rows > most) {
    const sql = `SELECT count(*) FROM spans WHERE _time >= $1 AND _time < $2 AND ${isSpan}`;
    const { rows } = await store.read(sql, [start, end], options);
    spans = Number(rows[0]?.[0] ?? 0);
  }
  const oneIn = spans <= most ? 1 : Math.ceil(spans / sample);
  return { oneIn, condition: oneTraceSql(traceId, oneIn) };
}
