import type { Statement } from '../query/compile/binder.ts';
import { resolveTimeWindow } from '../query/compile/time-window.ts';
import type { QuerySource, RunOptions } from '../query/run/run-query.ts';
import { isCompact, weightOf } from '../query/run/run-query.ts';
import type { Field } from '../store/types.ts';
import { BubbleUpSql, isNumeric } from './bubbleup-sql.ts';
import type { Bucket, Sides } from './distribution.ts';
import { rangesDifference, valuesDifference } from './distribution.ts';
import type { FieldGroup } from './field-group.ts';
import { fieldGroup, rankOf } from './field-group.ts';
import type { BubbleUpRequest } from './parse-bubbleup.ts';
import type { FoundTrace } from './trace-sample.ts';
import { blocksAround, takeTraces } from './trace-sample.ts';

/** One field, and how its values differ between what is selected and the rest. */
export interface FieldComparison {
  readonly name: string;
  readonly type: Field['type'];
  /** 0: the same on both sides; 1: nothing in common. */
  readonly difference: number;
  /** What it tells; fields of infrastructure and identity stand below those that differ in meaning. */
  readonly group: FieldGroup;
  /** True for fields that the selection itself names: those differ in any case. */
  readonly selected_by: boolean;
  /** False when only other spans of the traces have it, so that a condition of the query cannot name it. */
  readonly of_query: boolean;
  /** Values, those that differ most first, or ranges in order; the last one may be events without the field. */
  readonly buckets: readonly Bucket[];
}

export interface BubbleUpResult {
  readonly selection: { readonly events: number };
  readonly baseline: { readonly events: number };
  /** Whether sampled events count by their sample rates, so that counts are estimates. */
  readonly estimated: boolean;
  /** How many events of both sides were looked at, where those are too many to look at all of them. */
  readonly sampled?: Sides;
  /** Every field that one of the events (looked at) has, the most telling first (see rankOf). */
  readonly fields: readonly FieldComparison[];
  /** Fields that there was no time for; never those with a column of their own. */
  readonly skipped: number;
}

/** Fields looked at in one statement, which keeps it readable in one pass. */
const CHUNK = 200;
/** Numeric fields with more values than this are compared by ranges. */
const MAX_SINGLE_VALUES = 20;
/** Statements under way: the store's readers are for others, too. */
const PARALLEL = 2;
/** Rows of both sides together from which on a sample is compared … */
const SAMPLED_ABOVE = 1_000_000;
/** … of about so many rows of each. */
const SAMPLE_ROWS = 200_000;
/** Where whole traces are compared, of each side at most so many … */
const SAMPLE_TRACES = 2_000;
/** … around so many places. */
const TRACE_PLACES: Sides = { selection: 12, baseline: 8 };
/** Milliseconds until spilled fields, each of them read out of JSON row by row, are no longer looked at. */
const SPILLED_BUDGET_MS = 10_000;

/**
 * Compares selected events with the rest of a query's, field by field. The counts are exact, up to a million events; of
 * more a sample is compared, and its counts are made those of all. Estimated is whether a numeric field has few enough
 * values to list them, and in a very large store ranges end at seven digits. Where whole traces are compared, those of a
 * sample are read whole.
 * @throws QueryError for columns that do not exist
 */
export async function bubbleUp(
  store: QuerySource,
  request: BubbleUpRequest,
  options: RunOptions = {},
): Promise<BubbleUpResult> {
  const window = resolveTimeWindow(request.query, options.now ?? Date.now());
  const limits = {
    timeoutMs: options.timeoutMs ?? 30_000,
    ...(options.signal ? { signal: options.signal } : {}),
  };
  const weight =
    request.query.usage_mode === true ? undefined : await weightOf(store, request.dataset, [window], limits);
  const sql = new BubbleUpSql(store.fields(), request, window, weight);
  const read = async ({ sql: text, values }: Statement) => (await store.read(text, values, limits)).rows;

  const started = performance.now();
  const whole =
    request.compare === 'traces'
      ? await sampleTracesIfLarge(store, sql, read)
      : await sampleIfLarge(store, sql, read);
  const candidates = [...store.fields().values()].sort((a, b) => Number(a.spilled) - Number(b.spilled));
  const present: PresentField[] = [];
  let totals: Sides | undefined;
  let seen = 0;
  while (seen < candidates.length) {
    if (candidates[seen]?.spilled === true && performance.now() - started > SPILLED_BUDGET_MS) break;
    const chunk = candidates.slice(seen, seen + CHUNK);
    const [row = []] = await read(sql.presence(chunk));
    totals ??= { selection: Number(row[0]), baseline: Number(row[1]) - Number(row[0]) };
    chunk.forEach((field, i) => {
      const [events, values] = [Number(row[2 + i * 2]), Number(row[3 + i * 2])];
      const ofQuery = request.compare === 'events' || row[2 + chunk.length * 2 + i] === true;
      if (events > 0) present.push({ field, values, ofQuery });
    });
    seen += chunk.length;
  }
  const looked = totals ?? { selection: 0, baseline: 0 };
  const sides = whole ?? looked;
  const makers = new Set([request.selection.column, ...request.selection.filters.map((each) => each.column)]);
  const compact = isCompact(store);
  const fields = await inParallel(present, (each) =>
    compareField(each, sides, makers.has(each.field.name), compact, sql, read),
  );
  fields.sort(
    (a, b) =>
      rankOf(a.group, a.difference) - rankOf(b.group, b.difference) ||
      b.difference - a.difference ||
      (a.name < b.name ? -1 : 1),
  );
  return {
    selection: { events: sides.selection },
    baseline: { events: sides.baseline },
    estimated: weight !== undefined,
    ...(whole && { sampled: looked }),
    fields,
    skipped: candidates.length - seen,
  };
}

/** Of a large store, lets the statements read a sample; then how many events of both sides there are in all. */
async function sampleIfLarge(store: QuerySource, sql: BubbleUpSql, read: Read): Promise<Sides | undefined> {
  if (store.stats().rows <= SAMPLED_ABOVE) return undefined;
  const [[selected, selectedRows, events, rows] = []] = (await read(sql.sides())).map((row) =>
    row.map(Number),
  );
  if (selected === undefined || selectedRows === undefined || events === undefined || rows === undefined)
    return undefined;
  if (rows <= SAMPLED_ABOVE) return undefined;
  const share = (of: number) => Math.min(1, SAMPLE_ROWS / Math.max(1, of));
  const whole = { selection: selected, baseline: events - selected };
  sql.sample({ selection: share(selectedRows), baseline: share(rows - selectedRows) }, whole);
  return whole;
}

/** The same where whole traces are compared: those around places at even distances among the events of each side. */
async function sampleTracesIfLarge(
  store: QuerySource,
  sql: BubbleUpSql,
  read: Read,
): Promise<Sides | undefined> {
  if (store.stats().rows <= SAMPLED_ABOVE || !store.fields().has('trace.trace_id')) return undefined;
  const [[selected, all, ...places] = []] = await read(sql.places(TRACE_PLACES));
  const [selection, baseline] = places.map((list) =>
    blocksAround(Array.isArray(list) ? list.map(Number) : []),
  );
  if (selection === undefined || baseline === undefined) return undefined;
  const found = (await read(sql.found({ selection, baseline }, SAMPLE_TRACES))).map(
    ([hash, first, last, weight, fitting, chosen]): FoundTrace => ({
      hash: BigInt(hash as number | bigint),
      rows: { first: Number(first), last: Number(last) },
      isSelected: Number(chosen) > 0,
      weight: Number(weight),
      fitting: Number(fitting),
      selected: Number(chosen),
    }),
  );
  const events = { selection: Number(selected), baseline: Number(all) - Number(selected) };
  const sample = takeTraces(found, [...selection, ...baseline], events);
  sql.sampleTraces(sample);
  return sample.whole;
}

interface PresentField {
  readonly field: Field;
  /** About how many different values it has; 0 where it is not numeric. */
  readonly values: number;
  /** Whether one of the query's own events has it. */
  readonly ofQuery: boolean;
}

type Read = (statement: Statement) => Promise<readonly (readonly unknown[])[]>;

async function compareField(
  { field, values, ofQuery }: PresentField,
  totals: Sides,
  selected_by: boolean,
  compact: boolean,
  sql: BubbleUpSql,
  read: Read,
): Promise<FieldComparison> {
  const { name, type } = field;
  const common = { name, type, group: fieldGroup(name), selected_by, of_query: ofQuery };
  if (isNumeric(field) && values > MAX_SINGLE_VALUES) {
    const edges = [...new Set((await read(sql.edges(field, compact))).map(([edge]) => Number(edge)))].sort(
      (a, b) => a - b,
    );
    const buckets = (await read(sql.ranges(field, edges))).map((row) => rangeBucket(row, edges));
    return { ...common, difference: rangesDifference(buckets, totals), buckets };
  }
  const rows = await read(sql.values(field, totals));
  const buckets = rows.map(valueBucket);
  const group = isUnique(rows) ? 'identity' : common.group;
  return { ...common, group, difference: valuesDifference(buckets, totals), buckets };
}

/** Whether every event has a value of its own, as ids do whatever they are called. */
function isUnique(rows: readonly (readonly unknown[])[]): boolean {
  const values = rows.filter(([value]) => value !== null);
  return values.length > 2 && values.every((row) => Number(row[3]) === 1);
}

function valueBucket([value, selection, baseline]: readonly unknown[]): Bucket {
  const isText = typeof value === 'bigint' || (typeof value === 'number' && !Number.isFinite(value));
  const shown = isText ? String(value) : (value as string | number | boolean | null);
  return { value: shown, selection: Number(selection), baseline: Number(baseline) };
}

function rangeBucket([range, selection, baseline]: readonly unknown[], edges: readonly number[]): Bucket {
  const counts = { selection: Number(selection), baseline: Number(baseline) };
  if (range === null) return { value: null, ...counts };
  const at = Number(range);
  return { range: { from: edges[at - 1] ?? null, to: edges[at] ?? null }, ...counts };
}

/** Maps a list with a few calls under way at a time; the first failure ends it. */
async function inParallel<T, R>(list: readonly T[], map: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  let next = 0;
  const work = async (): Promise<void> => {
    for (let i = next++; i < list.length; i = next++) results[i] = await map(list[i] as T);
  };
  await Promise.all(Array.from({ length: PARALLEL }, work));
  return results;
}
