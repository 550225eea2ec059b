import type { ReadOptions, SpanStore } from '../../store/types.ts';
import { spanColumns } from './span-columns.ts';

/** Spans that are joined with others of their traces at most: more take seconds, and more memory than the store has. */
const MAX_JOINED = 1_000_000;

/** A share of the traces of a range: whole ones, so that a call has both of its sides. */
export interface TraceShare {
  /** One trace in so many: 1 where all are read. */
  readonly oneIn: number;
  /** The condition for a row of table `spans` to be of one of them. */
  readonly condition: string;
}

/**
 * How many of the traces are read where spans are joined with each other: all, up to a million spans in the range.
 * @param most spans that may be joined
 */
export async function traceShare(
  store: SpanStore,
  { start, end }: { readonly start: bigint; readonly end: bigint },
  options: ReadOptions = {},
  most = MAX_JOINED,
): Promise<TraceShare> {
  if (store.stats().rows <= most) return { oneIn: 1, condition: 'true' };
  const c = spanColumns(store);
  const { rows } = await store.read(
    `SELECT count(*) FROM spans WHERE _time >= $1 AND _time < $2 AND ${c.isSpan}`,
    [start, end],
    options,
  );
  const oneIn = Math.max(1, Math.ceil(Number(rows[0]?.[0] ?? 0) / most));
  return { oneIn, condition: oneIn === 1 ? 'true' : `hash(${c.traceId}) % ${oneIn} = 0` };
}
