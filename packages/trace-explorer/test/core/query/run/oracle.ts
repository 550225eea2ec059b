import type { FieldType } from '../../../../src/core/fields/field-type.ts';
import { heatmapAxis } from '../../../../src/core/query/compile/heatmap-axis.ts';
import { resolveTimeWindow, shiftWindow } from '../../../../src/core/query/compile/time-window.ts';
import { havingTarget, orderTarget } from '../../../../src/core/query/parse/check-targets.ts';
import { parseExpression } from '../../../../src/core/query/parse/expression/parse.ts';
import { calculationKey, PERCENTILES } from '../../../../src/core/query/parse/operators.ts';
import type {
  Calculation,
  Filter,
  FilterCombination,
  QuerySpec,
} from '../../../../src/core/query/parse/query-spec.ts';
import type { TestRow } from './duckdb-source.ts';
import { RECEIVED_AFTER } from './duckdb-source.ts';
import type { Typed, Value } from './oracle-values.ts';
import { asNumber, compareValues, evaluate, passes } from './oracle-values.ts';

type Window = ReturnType<typeof resolveTimeWindow>;
interface Event {
  /** Nanoseconds since the first bucket. */
  readonly t: number;
  /** How many events it stands for. */
  readonly weight: number;
  readonly get: (name: string) => Typed;
}

/** Answers a query row by row in plain TypeScript; expressions share the parser, nothing else. */
export function oracleAnswer(
  rows: readonly TestRow[],
  types: ReadonlyMap<string, FieldType>,
  dataset: string,
  spec: QuerySpec,
) {
  const window = resolveTimeWindow(spec, 0);
  const offset = spec.compare_time_offset_seconds;
  const windows = offset === undefined ? [window] : [window, shiftWindow(window, offset)];
  const inWindow = windows.map((each) => eventsOf(rows, types, dataset, spec, each));
  const axes = spec.calculations.map((calculation) => axisOf(calculation, inWindow.flat()));
  const groups = groupsOf(spec, inWindow[0] ?? [], window, axes);
  const answers = windows.map((each, w) => {
    const shownGroups = w === 0 ? groups : [...groups, ...goneGroups(spec, inWindow, each, axes)];
    const results = shownGroups.map(({ names, events }) => {
      const own = w === 0 ? events : (inWindow[w] ?? []).filter((event) => sameGroup(spec, event, names));
      return {
        data: Object.fromEntries([...names, ...shown(spec, totals(spec, own, each, axes))]),
      };
    });
    const series = shownGroups.flatMap(({ names }) => {
      const own = (inWindow[w] ?? []).filter((event) => sameGroup(spec, event, names));
      return seriesOf(spec, own, each, axes).map((point) => ({
        time: point.time,
        data: Object.fromEntries([...names, ...shown(spec, point.values)]),
      }));
    });
    return { results, series: series.sort((a, b) => (a.time < b.time ? -1 : a.time > b.time ? 1 : 0)) };
  });
  const [own, compared] = answers;
  return { ...own, ...(offset === undefined ? {} : { comparison: { offset_seconds: offset, ...compared } }) };
}

/** The groups that only the earlier window has. */
function goneGroups(
  spec: QuerySpec,
  [now = [], earlier = []]: readonly (readonly Event[])[],
  window: Window,
  axes: Parameters<typeof groupsOf>[3],
) {
  const names = (event: Event) => JSON.stringify(spec.breakdowns.map((name) => event.get(name).value));
  const known = new Set(now.map(names));
  if (spec.breakdowns.length === 0) return [];
  return groupsOf(
    spec,
    earlier.filter((event) => !known.has(names(event))),
    window,
    axes,
  );
}

function eventsOf(
  rows: readonly TestRow[],
  types: ReadonlyMap<string, FieldType>,
  dataset: string,
  spec: QuerySpec,
  window: Window,
): Event[] {
  const expressions = new Map(
    spec.calculated_fields.map((each) => [each.name, parseExpression(each.expression)]),
  );
  const ns = (seconds: number): bigint => BigInt(seconds) * 1_000_000_000n;
  return rows
    .filter((row) => row.time >= ns(window.start) && row.time < ns(window.end))
    .filter((row) => dataset === '__all__' || row.dataset === dataset)
    .map((row) => {
      const times = { event: Number(row.time) / 1e9, ingest: Number(row.time + RECEIVED_AFTER) / 1e9 };
      const get = (name: string): Typed => {
        const expression = expressions.get(name);
        if (expression !== undefined) return evaluate(expression, get, times);
        return { value: row.fields[name] ?? null, type: types.get(name) ?? null };
      };
      const weight = spec.usage_mode === true ? 1 : (row.rate ?? 1);
      return { t: Number(row.time - ns(window.firstBucket)), weight, get };
    })
    .filter((event) => passesAll(spec.filters, spec.filter_combination, event));
}

function passesAll(filters: readonly Filter[], combination: FilterCombination, event: Event): boolean {
  if (filters.length === 0) return true;
  const test = (filter: Filter): boolean => passes(filter, event.get(filter.column).value);
  return combination === 'AND' ? filters.every(test) : filters.some(test);
}

function sameGroup(spec: QuerySpec, event: Event, names: readonly (readonly [string, Value])[]): boolean {
  return spec.breakdowns.every((name, i) => event.get(name).value === names[i]?.[1]);
}

interface Group {
  readonly names: [string, Value][];
  readonly events: readonly Event[];
}

function groupsOf(spec: QuerySpec, events: readonly Event[], window: Window, axes: readonly Axis[]): Group[] {
  const byKey = Map.groupBy(events, (event) =>
    JSON.stringify(spec.breakdowns.map((name) => event.get(name).value)),
  );
  if (spec.breakdowns.length === 0 && byKey.size === 0) byKey.set('[]', []);
  const groups = [...byKey.values()].map((own) => {
    const names = spec.breakdowns.map((name): [string, Value] => [name, own[0]?.get(name).value ?? null]);
    const values = totals(spec, own, window, axes);
    const formulas = formulaValues(spec, values).map(([, value]) => value);
    return { names, events: own, values: values.map(([, value]) => value as Value), formulas };
  });
  const valueAt = (group: (typeof groups)[number], target: ReturnType<typeof orderTarget>): Value => {
    if (target?.kind === 'breakdown') return group.names[target.index]?.[1] ?? null;
    return (target?.kind === 'formula' ? group.formulas : group.values)[target?.index ?? 0] ?? null;
  };
  const kept = groups.filter((group) => {
    return spec.havings.every((having) => {
      const value = valueAt(group, havingTarget(spec, having));
      return typeof value === 'number' && passes({ column: '', op: having.op, value: having.value }, value);
    });
  });
  const terms = spec.orders.map((order) => ({
    target: orderTarget(spec, order),
    sign: order.order === 'descending' ? -1 : 1,
  }));
  const first = spec.calculations.findIndex((each) => each.op !== 'HEATMAP');
  if (terms.length === 0 && spec.formulas.length > 0)
    terms.push({ target: { kind: 'formula', index: 0 }, sign: -1 });
  else if (terms.length === 0 && first >= 0)
    terms.push({ target: { kind: 'calculation', index: first }, sign: -1 });
  spec.breakdowns.forEach((_, index) => {
    terms.push({ target: { kind: 'breakdown', index }, sign: 1 });
  });
  kept.sort((a, b) => {
    for (const { target, sign } of terms) {
      const [x, y] = [valueAt(a, target), valueAt(b, target)];
      const order =
        x === null || y === null ? Number(x === null) - Number(y === null) : sign * compareValues(x, y);
      if (order !== 0) return order;
    }
    return 0;
  });
  return kept.slice(0, spec.limit);
}

/** What a result has of the calculations: their values, or the formulas in their place. */
function shown(spec: QuerySpec, values: readonly [string, unknown][]): readonly [string, unknown][] {
  return spec.formulas.length > 0 ? formulaValues(spec, values) : values;
}

function formulaValues({ formulas }: QuerySpec, values: readonly [string, unknown][]): [string, Value][] {
  const byName = new Map(values);
  const get = (name: string): Typed => ({ value: (byName.get(name) ?? null) as Value, type: 'float' });
  return formulas.map(({ name, expression }) => {
    const { value } = evaluate(parseExpression(expression), get, { event: 0, ingest: 0 });
    return [name, typeof value === 'number' && !Number.isFinite(value) ? null : value];
  });
}

type Axis = ReturnType<typeof heatmapAxis> | undefined;

function axisOf(calculation: Calculation, events: readonly Event[]): Axis {
  if (calculation.op !== 'HEATMAP') return undefined;
  const values = numbersOf(calculation, events).map(({ value }) => value);
  const integers = events[0]?.get(calculation.column ?? '').type === 'integer';
  return values.length === 0 ? undefined : heatmapAxis(Math.min(...values), Math.max(...values), integers);
}

function totals(
  spec: QuerySpec,
  events: readonly Event[],
  window: Window,
  axes: readonly Axis[],
): [string, unknown][] {
  const [from, to] = [(window.start - window.firstBucket) * 1e9, (window.end - window.firstBucket) * 1e9];
  return spec.calculations.map((each, i) => {
    if (each.op === 'CONCURRENCY')
      return [calculationKey(each), coverage(each, events, from, to, to) / Math.max(1e9, to - from)];
    if (!each.op.startsWith('RATE_')) return [calculationKey(each), aggregate(each, events, axes[i])];
    const values = buckets(events, window)
      .map(([, own]) => aggregate(each, own, undefined))
      .filter((value) => value !== null);
    const [first, last] = [values[0], values.at(-1)];
    return [
      calculationKey(each),
      values.length < 2 ? null : (Number(last) - Number(first)) / (values.length - 1),
    ];
  });
}

function seriesOf(spec: QuerySpec, events: readonly Event[], window: Window, axes: readonly Axis[]) {
  const own = new Map(buckets(events, window));
  const width = window.granularity * 1e9;
  const to = (window.end - window.firstBucket) * 1e9;
  const previous: (number | undefined)[] = [];
  const points: { time: string; values: [string, unknown][] }[] = [];
  for (let bucket = 0; bucket * width < to; bucket++) {
    const inBucket = own.get(bucket) ?? [];
    let shown = spec.calculations.some((each) => {
      return each.op === 'HEATMAP'
        ? numbersOf(each, inBucket).length > 0
        : each.op !== 'CONCURRENCY' && inBucket.length > 0;
    });
    const values = spec.calculations.map((each, i): [string, unknown] => {
      const key = calculationKey(each);
      if (each.op === 'CONCURRENCY') {
        const spans = spansOf(each, events).filter(
          ({ start, stop }) =>
            Math.floor(start / width) <= bucket && Math.floor(Math.min(stop, to) / width) >= bucket,
        );
        if (spans.length > 0) shown = true;
        return [key, coverage(each, events, bucket * width, (bucket + 1) * width, to) / width];
      }
      const value = aggregate(each, inBucket, axes[i]);
      if (!each.op.startsWith('RATE_')) return [key, value];
      const before = previous[i];
      if (typeof value === 'number') previous[i] = value;
      return [key, typeof value === 'number' && before !== undefined ? value - before : null];
    });
    const time = new Date((window.firstBucket + bucket * window.granularity) * 1000)
      .toISOString()
      .replace('.000', '');
    if (shown) points.push({ time, values });
  }
  return points;
}

function buckets(events: readonly Event[], window: Window): [number, Event[]][] {
  const map = Map.groupBy(events, (event) => Math.floor(event.t / (window.granularity * 1e9)));
  return [...map].sort(([a], [b]) => a - b);
}

function selected(calculation: Calculation, events: readonly Event[]): Event[] {
  return events.filter((event) =>
    passesAll(calculation.filters ?? [], calculation.filter_combination ?? 'AND', event),
  );
}

interface Weighted {
  readonly value: number;
  readonly weight: number;
}

function numbersOf(calculation: Calculation, events: readonly Event[]): Weighted[] {
  return selected(calculation, events).flatMap(({ get, weight }) => {
    const value = asNumber(get(calculation.column ?? '').value);
    return value !== null && Number.isFinite(value) ? [{ value, weight }] : [];
  });
}

function spansOf(calculation: Calculation, events: readonly Event[]) {
  return selected(calculation, events).flatMap((event) => {
    const duration = event.get('duration_ms').value;
    return typeof duration === 'number'
      ? [{ start: event.t, stop: event.t + duration * 1e6, weight: event.weight }]
      : [];
  });
}

/** Nanoseconds of from … to that spans cover; none goes beyond the end of the window. */
function coverage(
  calculation: Calculation,
  events: readonly Event[],
  from: number,
  to: number,
  end: number,
): number {
  const covered = spansOf(calculation, events).map(
    ({ start, stop, weight }) => weight * Math.max(0, Math.min(stop, to, end) - Math.max(start, from)),
  );
  return covered.reduce((a, b) => a + b, 0);
}

function aggregate(calculation: Calculation, events: readonly Event[], axis: Axis): unknown {
  const own = selected(calculation, events);
  if (calculation.op === 'COUNT') {
    const { column } = calculation;
    const counted = own.filter((event) => column === undefined || event.get(column).value !== null);
    return counted.reduce((sum, { weight }) => sum + weight, 0);
  }
  if (calculation.op === 'COUNT_DISTINCT') {
    return new Set(
      own.map((event) => event.get(calculation.column ?? '').value).filter((value) => value !== null),
    ).size;
  }
  const values = numbersOf(calculation, events).sort((a, b) => a.value - b.value);
  if (calculation.op === 'HEATMAP') {
    if (axis === undefined) return { counts: [], min_value: 0, max_value: 0, step_size: 0 };
    const counts = Array.from({ length: axis.count }, () => 0);
    for (const { value, weight } of values) {
      const bucket = Math.max(0, Math.min(axis.count - 1, Math.floor((value - axis.min) / axis.step)));
      counts[bucket] = (counts[bucket] ?? 0) + weight;
    }
    return {
      counts,
      min_value: axis.min,
      max_value: axis.min + axis.step * axis.count,
      step_size: axis.step,
    };
  }
  if (values.length === 0) return null;
  const sum = values.reduce((a, { value, weight }) => a + value * weight, 0);
  const all = values.reduce((a, { weight }) => a + weight, 0);
  switch (calculation.op) {
    case 'SUM':
    case 'RATE_SUM':
      return sum;
    case 'AVG':
    case 'RATE_AVG':
      return sum / all;
    case 'MAX':
    case 'RATE_MAX':
      return values.at(-1)?.value;
    case 'MIN':
      return values[0]?.value;
    default: {
      const at = PERCENTILES[calculation.op as keyof typeof PERCENTILES] * (all - 1);
      const [low, high] = [place(values, Math.floor(at)), place(values, Math.ceil(at))];
      return low + (high - low) * (at - Math.floor(at));
    }
  }
}

/** The value at a place where each is there as often as its weight says. */
function place(values: readonly Weighted[], at: number): number {
  let upTo = 0;
  for (const { value, weight } of values) {
    upTo += weight;
    if (upTo > at) return value;
  }
  return values.at(-1)?.value ?? 0;
}
