import { ReadMemoryError } from '../../store/errors.ts';
import type { ReadOptions, SpanStore } from '../../store/types.ts';
import { spanColumns } from './span-columns.ts';

/** How many spans are read where spans are joined with others of their traces. */
export interface ShareLimits {
  /** Spans in the range up to which all are read: joining more takes seconds. */
  readonly most?: number;
  /** About how many are read where there are more. */
  readonly sample?: number;
  /** Distinct names that are counted apart: a million take ten seconds. */
  readonly names?: number;
}

const MAX_JOINED = 1_000_000;
const MAX_NAMES = 200_000;
const SAMPLE_SPANS = 400_000;
/** How many times fewer traces are read where those before needed too much memory. */
const FEWER = 4;
/** A share that still needs too much memory shows that the number of spans is not the reason. */
const LEAST_SHARE = FEWER ** 6;

/** A share of the traces: whole ones, so that a call has both of its sides. */
export interface TraceShare {
  /** One trace in so many: 1 where all are read. */
  readonly oneIn: number;
  /** The condition for a row of table `spans` to be of one of them. */
  readonly condition: string;
}

/** What a view over many spans reads. */
export interface ViewShares {
  /** For what is counted span by span: all traces, unless memory does not suffice. */
  readonly counted: TraceShare;
  /** For spans that are joined with others of their traces. */
  readonly joined: TraceShare;
}

/** What an answer says of the shares that it was read from; see `estimatedRange`. */
export function estimates({ oneIn: counted }: TraceShare, { oneIn: joined }: TraceShare) {
  return {
    ...(joined > 1 && { one_trace_in: joined }),
    ...(counted > 1 && { counts_of_one_trace_in: counted }),
  };
}

/**
 * The condition for a row to be of one trace in so many, by the hash of the trace's id: the one way in which traces are
 * sampled. One trace in twelve is also one in four.
 * @param trace SQL of the id
 */
export function oneTraceIn(trace: string, oneIn: number): string {
  return oneIn === 1 ? 'true' : `hash(${trace}) % ${oneIn} = 0`;
}

/**
 * Reads a view over the spans of a range. All spans are counted; of more than a million spans, joins read one trace in so
 * many. Where that needs more memory than there is, the whole view is read again from fewer traces; where spans have very
 * many names, a view that counts by name begins with those.
 * @param read what reads the view; it multiplies what it counts by `oneIn`
 */
export async function readShares<T>(
  store: SpanStore,
  { start, end }: { readonly start: bigint; readonly end: bigint },
  {
    share: { most = MAX_JOINED, sample = SAMPLE_SPANS, names: mostNames = MAX_NAMES } = {},
    byName = false,
    ...options
  }: ReadOptions & { readonly share?: ShareLimits; readonly byName?: boolean },
  read: (shares: ViewShares) => Promise<T>,
): Promise<T> {
  const { traceId } = spanColumns(store);
  const share = (oneIn: number): TraceShare => ({ oneIn, condition: oneTraceIn(traceId, oneIn) });
  const { spans, names } =
    store.stats().rows <= most ? { spans: 0, names: 0 } : await countSpans(store, [start, end], options);
  const joined = spans <= most ? 1 : Math.ceil(spans / sample);
  let first = 1;
  while (byName && names / first > mostNames) first *= FEWER;
  for (let counted = first; ; counted *= FEWER) {
    try {
      return await read({ counted: share(counted), joined: share(Math.max(counted, joined)) });
    } catch (error) {
      if (!(error instanceof ReadMemoryError) || counted >= LEAST_SHARE) throw error;
    }
  }
}

async function countSpans(store: SpanStore, range: readonly bigint[], options: ReadOptions) {
  const { isSpan, name } = spanColumns(store);
  const { rows } = await store.read(
    `SELECT count(*), approx_count_distinct(${name}) FROM spans WHERE _time >= $1 AND _time < $2 AND ${isSpan}`,
    range,
    options,
  );
  const [spans, names] = (rows[0] ?? []).map(Number);
  return { spans: spans ?? 0, names: names ?? 0 };
}
