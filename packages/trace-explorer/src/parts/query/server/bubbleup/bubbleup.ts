import { isRefused } from '../../../../core/failures.ts';
import type { Statement } from '../../../../core/query/compile/binder.ts';
import type { Column } from '../../../../core/query/compile/column.ts';
import { resolveTimeWindow } from '../../../../core/query/compile/time-window.ts';
import { readWeight } from '../../../../core/query/run/read-weight.ts';
import type { QuerySource, RunOptions } from '../../../../core/query/run/run-query.ts';
import { fieldsIn } from '../../../../core/query/run/run-query.ts';
import type { Field } from '../../../../core/store/store.ts';
import { spansWithLogExceptions } from '../../../../core/traces/read/log-exceptions.ts';
import { patientDeadline } from '../../../../lib/time/deadline.ts';
import { nanosecondsOf } from '../../../../lib/time/time-range.ts';
import { countsSql, hasRanges, presenceSql, sampledSql } from './bubbleup-sql.ts';
import type { Read } from './choose-sample.ts';
import { sampleIfLarge } from './choose-sample.ts';
import type { SideCounts } from './distribution.ts';
import { rangesDifference, valuesDifference } from './distribution.ts';
import { fieldGroup, rankOf } from './field-group.ts';
import type { BubbleUpRequest } from './parse-bubbleup.ts';
import type { SidesPlan } from './plan.ts';
import { planComparison } from './plan.ts';
import type { BubbleUpResult, Bucket, FieldComparison } from './schemas.ts';

/** Milliseconds for the answer. Fields that no statement has compared by then are left out. */
const TIMEOUT_MS = 30_000;
/** Fields of one statement, which reads the rows of all these fields in one pass. */
const CHUNK = 200;
/** A numeric field with more values than this is compared by ranges. */
const MAX_SINGLE_VALUES = 20;
/**
 * Most fields whose values are read together. Each read also reads the columns of the selection's condition, so a few large
 * reads take less time …
 */
const MAX_TOGETHER = 32;
/** … and most values of these fields: they take about 45 MB of DuckDB's memory. */
const VALUES_TOGETHER = 1_700_000;
/**
 * Milliseconds for fields without a column of their own: calculated fields, and fields in each row's JSON.
 * Later ones are left out.
 */
const LATE_BUDGET_MS = 10_000;

/**
 * Compares selected events with the other events of a query, field by field, calculated fields included. Up to 250,000
 * events, the counts are exact. Of more events, a sample of the traces is compared, and its counts are multiplied. Whether a
 * numeric field has few enough values to list them is estimated.
 * @throws QueryError for columns that do not exist
 */
export async function bubbleUp(
  store: QuerySource,
  request: BubbleUpRequest,
  options: RunOptions = {},
): Promise<BubbleUpResult> {
  const window = resolveTimeWindow(request.query, options.now ?? Date.now());
  const limits = {
    deadline: patientDeadline(TIMEOUT_MS),
    large: true,
    ...(options.signal && { signal: options.signal }),
  };
  const range = { start: nanosecondsOf(window.start), end: nanosecondsOf(window.end) };
  const weight =
    request.query.usage_mode === true ? undefined : await readWeight(store, range, limits, request.dataset);
  const stored = fieldsIn(store, request.dataset);
  const table = await spansWithLogExceptions(store, range, limits);
  const all = planComparison(stored, request, window, { weight, table, saved: options.saved });
  const read = async ({ sql: text, values }: Statement) => (await store.read(text, values, limits)).rows;

  const started = performance.now();
  const sampled = sampledSql(all);
  const estimated = sampled !== undefined && (await read(sampled)).length > 0;
  const plan = await sampleIfLarge(store, all, read);
  const candidates = candidatesOf(stored, plan.calculated);
  const present: PresentField[] = [];
  let totals: SideCounts | undefined;
  let seen = 0;
  while (seen < candidates.length) {
    if (candidates[seen]?.isLate === true && performance.now() - started > LATE_BUDGET_MS) break;
    const isLate = candidates[seen]?.isLate;
    const chunk = candidates.slice(seen, seen + CHUNK).filter((each) => each.isLate === isLate);
    const found = await byHalves(chunk, async (few) => {
      const [row = []] = await read(presenceSql(plan, few));
      const [selection, baseline, ...lists] = row;
      totals ??= { selection: Number(selection), baseline: Number(baseline) };
      const [counts = [], values = [], own = []] = lists as unknown[][];
      return few.map((field, i): PresentField => {
        const ofQuery = request.compare === 'events' || own[i] === true;
        return { field, rows: Number(counts[i] ?? 0), values: Number(values[i]), ofQuery };
      });
    });
    present.push(...found.filter(({ rows }) => rows > 0));
    seen += chunk.length;
  }
  const looked = totals ?? { selection: 0, baseline: 0 };
  const { oneIn } = plan;
  const timesOneIn = <T extends SideCounts>(sides: T): T => ({
    ...sides,
    selection: sides.selection * oneIn.selection,
    baseline: sides.baseline * oneIn.baseline,
  });
  const sides = timesOneIn(looked);
  const makers = makersOf(request, candidates);
  const rows = Math.max(1, ...present.map((each) => each.rows));
  const together = Math.min(MAX_TOGETHER, Math.max(1, Math.floor(VALUES_TOGETHER / rows)));
  const fields: FieldComparison[] = [];
  for (const group of inGroups(present, together)) {
    try {
      fields.push(...(await byHalves(group, (few) => compareFields(few, looked, makers, plan, read))));
    } catch (error) {
      const isLate = isRefused(error, 'QUERY_TIMEOUT') || isRefused(error, 'STORE_BUSY');
      if (!isLate || fields.length === 0) throw error;
      break;
    }
  }
  fields.sort(
    (a, b) =>
      Number(a.selected_by) - Number(b.selected_by) ||
      rankOf(a.group, a.difference) - rankOf(b.group, b.difference) ||
      b.difference - a.difference ||
      (a.name < b.name ? -1 : 1),
  );
  return {
    selection: { events: sides.selection },
    baseline: { events: sides.baseline },
    estimated,
    ...(oneIn.baseline > 1 && { sampled: looked }),
    fields: fields.map((field) => ({ ...field, buckets: field.buckets.map(timesOneIn) })),
    skipped: candidates.length - seen + present.length - fields.length,
  };
}

/** A candidate for the comparison. */
interface Candidate extends Column {
  readonly name: string;
  /** Whether BubbleUp compares the field only while there is time. */
  readonly isLate: boolean;
}

/** Fields that tell rows and traces apart. A selection has others than the rest in any case. */
const NAMES_OF_ROWS: ReadonlySet<string> = new Set(['trace.trace_id', 'trace.span_id']);

/** Stored and calculated fields. A calculated field hides the stored field with its name. Slow fields come last. */
function candidatesOf(
  fields: ReadonlyMap<string, Field>,
  calculated: ReadonlyMap<string, Column>,
): Candidate[] {
  const stored = [...fields.values()].filter(({ name }) => !calculated.has(name) && !NAMES_OF_ROWS.has(name));
  const candidate = ({ name, sql, type, spilled }: Field) => ({ name, sql, type, isLate: spilled });
  return [
    ...stored.filter(({ spilled }) => !spilled).map(candidate),
    ...[...calculated].map(([name, { sql, type }]) => ({ name, sql, type, isLate: true })),
    ...stored.filter(({ spilled }) => spilled).map(candidate),
  ];
}

/** Fields that make the selection, and fields calculated from them. They always differ and explain nothing. */
function makersOf({ selection }: BubbleUpRequest, candidates: readonly Candidate[]): ReadonlySet<string> {
  const names = new Set([selection.column, ...selection.filters.map(({ column }) => column)]);
  const made = candidates.filter(({ name }) => names.has(name));
  // The SQL of a calculated field contains the SQL of the fields that it uses.
  const isMade = ({ sql }: Candidate) => made.some((maker) => sql.includes(maker.sql));
  return new Set(candidates.filter(isMade).map(({ name }) => name));
}

interface PresentField {
  readonly field: Candidate;
  /** How many of the rows have the field. */
  readonly rows: number;
  /** About how many different values the field has; 0 for a field that is not numeric. */
  readonly values: number;
  /** Whether one of the query's own events has the field. */
  readonly ofQuery: boolean;
}

/** Compares some fields, whose values are read together. */
async function compareFields(
  group: readonly PresentField[],
  totals: SideCounts,
  makers: ReadonlySet<string>,
  plan: SidesPlan,
  read: Read,
): Promise<FieldComparison[]> {
  const columns = group.map(({ field, values }) => {
    return { column: field, isRanged: hasRanges(field) && values > MAX_SINGLE_VALUES };
  });
  const rows = Map.groupBy(await read(countsSql(plan, columns, totals)), ([at]) => Number(at));
  return group.map(({ field, ofQuery }, i) => {
    const { name, type } = field;
    const found = (rows.get(i) ?? []).toSorted((a, b) => Number(a[1]) - Number(b[1])).map(countsOf);
    const common = { name, type, selected_by: makers.has(name), of_query: ofQuery };
    if (columns[i]?.isRanged === true) {
      const buckets = found.map(rangeBucket);
      return { ...common, group: fieldGroup(name), difference: rangesDifference(buckets, totals), buckets };
    }
    const buckets = found.map(valueBucket);
    const kind = isUnique(found) ? 'identity' : fieldGroup(name);
    return { ...common, group: kind, difference: valuesDifference(buckets, totals), buckets };
  });
}

/** How many events of both sides have a value, or a number in a range; and the number of rows with it. */
interface ValueCounts extends SideCounts {
  readonly value: unknown;
  readonly rows: number;
  readonly range: { readonly from: number | null; readonly to: number | null };
}

/** The row of a value, behind the number of its field and its own. */
function countsOf(row: readonly unknown[]): ValueCounts {
  const [text, integer, float, flag, selection, baseline, rows, from, to] = row.slice(2);
  return {
    value: text ?? integer ?? float ?? flag ?? null,
    selection: Number(selection),
    baseline: Number(baseline),
    rows: Number(rows),
    range: { from: from as number | null, to: to as number | null },
  };
}

/** Whether every event has its own value, as with an id. */
function isUnique(found: readonly ValueCounts[]): boolean {
  const values = found.filter(({ value }) => value !== null);
  return values.length > 2 && values.every(({ rows }) => rows === 1);
}

function valueBucket({ value, selection, baseline }: ValueCounts): Bucket {
  const isText = typeof value === 'bigint' || (typeof value === 'number' && !Number.isFinite(value));
  const shown = isText ? String(value) : (value as string | number | boolean | null);
  return { value: shown, selection, baseline };
}

function rangeBucket({ value, range, selection, baseline }: ValueCounts): Bucket {
  return value === null ? { value, selection, baseline } : { range, selection, baseline };
}

function inGroups<T>(list: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(list.length / size) }, (_, i) =>
    list.slice(i * size, (i + 1) * size),
  );
}

/** Maps a list. When that needs too much memory, maps one half after the other. */
async function byHalves<T, R>(
  list: readonly T[],
  map: (list: readonly T[]) => Promise<readonly R[]>,
): Promise<readonly R[]> {
  try {
    return await map(list);
  } catch (error) {
    if (!isRefused(error, 'QUERY_TOO_LARGE') || list.length < 2) throw error;
    const half = Math.ceil(list.length / 2);
    return [...(await byHalves(list.slice(0, half), map)), ...(await byHalves(list.slice(half), map))];
  }
}
