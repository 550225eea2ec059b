import type { ReadOptions, SpanStore } from '../../store/types.ts';
import { joinBlocks, rowsWithin } from './row-blocks.ts';
import { spanColumns } from './span-columns.ts';

/** How much is read where spans are joined with others of their traces. */
export interface ShareLimits {
  /** Spans in the range of which all are read: more take seconds, and more memory than the store has. */
  readonly most?: number;
  /** About how many are read where there are more. */
  readonly sample?: number;
  /** Stretches of rows, at even distances, in which the traces begin that are taken. */
  readonly stretches?: number;
}

const MAX_JOINED = 1_000_000;
/** Of a million, reading and joining take more than twice the processor time. */
const SAMPLE_SPANS = 400_000;
const STRETCHES = 24;
/** Traces that are taken by where they begin, and rows of those that lie far apart: a statement that names more would be long. */
const MAX_NAMED = 100_000;
/** Stretches that are read at most, for each of those in which traces begin; more take as long as all rows. */
const MAX_BLOCKS = 3;
/** Share of the rows from which on reading stretches of them is no faster than reading all. */
const MOST_ROWS = 0.5;

/** A share of the traces of a range: whole ones, so that a call has both of its sides. */
export interface TraceShare {
  /** One trace in so many: 1 where all are read. */
  readonly oneIn: number;
  /** The rows among which theirs are: stands in FROM in place of table `spans`. */
  readonly from: string;
  /** The condition for a row to be of one of them. */
  readonly condition: string;
}

const ALL: TraceShare = { oneIn: 1, from: 'spans', condition: 'true' };

/**
 * How many of the traces are read where spans are joined with each other: all, up to a million spans in the range. Of more,
 * those whose first span is in one of some stretches of rows, as these and the few rows after them are read without all
 * others; where the rows of many traces lie far apart, one in so many by their ids.
 */
export async function traceShare(
  store: SpanStore,
  { start, end }: { readonly start: bigint; readonly end: bigint },
  options: ReadOptions = {},
  { most = MAX_JOINED, sample = SAMPLE_SPANS, stretches = STRETCHES }: ShareLimits = {},
): Promise<TraceShare> {
  if (store.stats().rows <= most) return ALL;
  const { traceId, isSpan } = spanColumns(store);
  const where = `_time >= $1 AND _time < $2 AND ${isSpan}`;
  const read = async (sql: string) => (await store.read(sql, [start, end], options)).rows;
  const [bounds = []] = await read(`SELECT count(*), min(_seq), max(_seq) FROM spans WHERE ${where}`);
  const [spans = 0, first = 0, last = 0] = bounds.map(Number);
  if (spans <= most) return ALL;
  const oneIn = Math.ceil(spans / sample);
  const stretch = Math.ceil((last - first + 1) / (stretches * oneIn));
  const taken = await read(
    `SELECT first, last, hash(trace) FROM (
      SELECT ${traceId} AS trace, min(_seq) AS first, max(_seq) AS last FROM spans WHERE ${where} GROUP BY 1
    ) WHERE trace IS NOT NULL AND (first - ${first}) // ${stretch} % ${oneIn} = ${oneIn >> 1} LIMIT ${MAX_NAMED}`,
  );
  const byWidth = Map.groupBy(taken, ([from, to]) => Number(to) - Number(from) <= stretch);
  const [near = [], wide = []] = [byWidth.get(true), byWidth.get(false)];
  // Of a span that came late, or of a trace that takes hours, not all rows since its first are read.
  const apart =
    wide.length === 0
      ? []
      : await read(
          `SELECT _seq, _seq FROM spans WHERE ${where} AND ${isAmong(traceId, wide)} LIMIT ${MAX_NAMED}`,
        );
  const blocks = joinBlocks(
    [...near, ...apart].map(([from, to]) => ({ first: Number(from), last: Number(to) })),
    stretch,
  );
  const rows = blocks.reduce((sum, block) => sum + block.last - block.first + 1, 0);
  const isFew =
    Math.max(taken.length, apart.length) < MAX_NAMED &&
    blocks.length <= MAX_BLOCKS * stretches &&
    rows <= MOST_ROWS * (last - first + 1);
  return isFew
    ? { oneIn, from: rowsWithin(blocks), condition: isAmong(traceId, taken) }
    : { oneIn, from: 'spans', condition: `hash(${traceId}) % ${oneIn} = 0` };
}

/** The condition for a row to be of one of these traces, whose third column is the hash of its id. */
function isAmong(traceId: string, traces: readonly (readonly unknown[])[]): string {
  const hashes = traces.map(([, , hash]) => String(hash)).join(', ');
  return `hash(${traceId}) IN (SELECT unnest(CAST('[${hashes}]' AS UBIGINT[])))`;
}
