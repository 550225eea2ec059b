import type { ReadOptions, SpanStore } from '../../store/store.ts';
import { spanColumns } from './span-columns.ts';

/** How many spans are read where spans are joined with others of their traces. */
export interface ShareLimits {
  /** Spans in the range up to which all are read: joining more takes seconds. */
  readonly most?: number;
  /** About how many are read where there are more. */
  readonly sample?: number;
}

const MAX_JOINED = 1_000_000;
const SAMPLE_SPANS = 400_000;

/** A share of the traces: whole ones, so that a call has both of its sides. */
export interface TraceShare {
  /** One trace in so many: 1 where all are read. */
  readonly oneIn: number;
  /** The condition for a row of table `spans` to be of one of them. */
  readonly condition: string;
}

/**
 * The condition for a row to be of one trace in so many, by the hash of the trace's id: the one way in which traces are
 * sampled. One trace in twelve is also one in four.
 * @param trace SQL of the id
 */
export function oneTraceIn(trace: string, oneIn: number): string {
  return oneIn === 1 ? 'true' : `hash(${trace}) % ${oneIn} = 0`;
}

/** The traces of a time range whose spans are joined with each other: of more than a million spans, one trace in so many. */
export async function readJoinedShare(
  store: SpanStore,
  { start, end }: { readonly start: bigint; readonly end: bigint },
  { most = MAX_JOINED, sample = SAMPLE_SPANS }: ShareLimits,
  options: ReadOptions,
): Promise<TraceShare> {
  const { isSpan, traceId } = spanColumns(store);
  let spans = 0;
  if (store.stats().rows > most) {
    const sql = `SELECT count(*) FROM spans WHERE _time >= $1 AND _time < $2 AND ${isSpan}`;
    const { rows } = await store.read(sql, [start, end], options);
    spans = Number(rows[0]?.[0] ?? 0);
  }
  const oneIn = spans <= most ? 1 : Math.ceil(spans / sample);
  return { oneIn, condition: oneTraceIn(traceId, oneIn) };
}
