import { completeResult } from '../../../core/query/api/results.ts';
import { isPercentile } from '../../../core/query/compile/calculations.ts';
import { ALL_DATASETS } from '../../../core/query/parse/all-datasets.ts';
import { DEFAULT_TIME_RANGE, MAX_LIMIT } from '../../../core/query/parse/limits.ts';
import { calculationKey } from '../../../core/query/parse/operators.ts';
import { isAbsent } from '../../../core/query/parse/problems.ts';
import type { Calculation, QuerySpec } from '../../../core/query/parse/query-spec.ts';
import type { ResultRow } from '../../../core/query/result/query-result.ts';
import type { Ask } from '../../../lib/request-json.ts';
import type { Trigger } from './trigger.ts';
import { measuredOf, parseTriggerQuery } from './trigger.ts';

/** Groups beyond the threshold in the outcome. */
const MAX_GROUPS = 20;
/** A percentile of fewer stored events says nothing of those that they stand for. */
const ENOUGH_STORED = 20;
const STORED = 'stored';
/** Calculations that are 0 when there is nothing to count. */
const COUNTS: readonly Calculation['op'][] = ['COUNT', 'COUNT_DISTINCT'];

export interface TriggerOutcome {
  readonly name: string;
  readonly status: 'holds' | 'fires' | 'no_data';
  /** `P99(duration_ms)`, or the name of the formula. */
  readonly calculation: string;
  readonly threshold: Trigger['threshold'];
  /** The value. Of several groups, the value furthest beyond the threshold, or nearest to it. */
  readonly value?: number;
  /** Groups beyond the threshold, the furthest first. */
  readonly groups: readonly {
    readonly group: Readonly<Record<string, unknown>>;
    readonly value: number;
  }[];
  readonly groups_total: number;
  /** The time range of the query, seconds since the epoch. */
  readonly start_time: number;
  readonly end_time: number;
  /** Whether sampled events count by their sample rates. */
  readonly estimated: boolean;
  /** Traces that show a finding; `value` has them by their rates. */
  readonly seen?: number;
  readonly reason?: string;
  /** Link to the query in the page. For a finding, link to a trace with it, or to the overview. Absent without their part. */
  readonly link: string | undefined;
}

export interface EvaluateOptions {
  /** The dataset for a trigger that names none. */
  readonly dataset?: string | undefined;
  /** End of the query's time range, in milliseconds since the epoch. */
  readonly at: number;
}

/**
 * Evaluates a trigger over the explorer's data, as Honeycomb would at that time. Without a value, the outcome is `no_data`. A
 * count of no events is 0 when there are other events.
 * @throws Error when the explorer does not answer the query
 */
export async function evaluate(
  trigger: Trigger,
  ask: Ask,
  { dataset: given, at }: EvaluateOptions,
): Promise<TriggerOutcome> {
  const { threshold, frequency, name } = trigger;
  const named = trigger.dataset_slug === 'all' ? ALL_DATASETS : trigger.dataset_slug;
  const dataset = encodeURIComponent(named ?? given ?? ALL_DATASETS);
  const spec = parseTriggerQuery(trigger.query, frequency);
  const looks: Look[] = [];
  // Includes events of the present second.
  const end = Math.floor(at / 1000) + 1;
  for (let times = 0; times < threshold.exceeded_limit; times++) {
    const look = await lookAt(spec, dataset, end - times * frequency, threshold, ask);
    looks.push(look);
    if (look.beyond.length === 0) break;
  }
  const [newest] = looks as [Look];
  const fires = looks.every(({ beyond }) => beyond.length > 0);
  const { values, beyond, reason, ...rest } = newest;
  return {
    name,
    status: reason !== undefined ? 'no_data' : fires ? 'fires' : 'holds',
    calculation: comparedKey(spec),
    threshold,
    ...(values[0] && { value: values[0].value }),
    groups: fires && spec.breakdowns.length > 0 ? beyond.slice(0, MAX_GROUPS) : [],
    groups_total: fires ? beyond.length : 0,
    ...(reason !== undefined && { reason }),
    ...rest,
  };
}

type Group = TriggerOutcome['groups'][number];

interface Look extends Pick<TriggerOutcome, 'start_time' | 'end_time' | 'estimated' | 'link' | 'reason'> {
  /** The furthest beyond the threshold first. */
  readonly values: readonly Group[];
  readonly beyond: readonly Group[];
}

async function lookAt(
  { time_range: range = DEFAULT_TIME_RANGE, ...spec }: QuerySpec,
  dataset: string,
  end: number,
  threshold: Trigger['threshold'],
  ask: Ask,
): Promise<Look> {
  const times = { start_time: end - range, end_time: end };
  const { data, links } = await completeResult({ ...spec, ...times, limit: MAX_LIMIT }, dataset, ask);
  const { breakdowns } = spec;
  const key = comparedKey(spec);
  const op = spec.formulas.length > 0 ? undefined : measured(spec).op;
  const groupOf = (row: ResultRow['data']) => Object.fromEntries(breakdowns.map((name) => [name, row[name]]));
  const all = (data?.results ?? []).flatMap(({ data: row }): Group[] =>
    isAbsent(row[key]) ? [] : [{ group: groupOf(row), value: Number(row[key]) }],
  );
  const { estimated = false } = data?.info ?? {};
  const isGuess = estimated && op !== undefined && isPercentile(op);
  const stored = isGuess ? await countStored({ ...spec, ...times }, dataset, ask) : undefined;
  const values = stored ? all.filter(({ group }) => stored(group) >= ENOUGH_STORED) : all;
  const isUpper = threshold.op.startsWith('>');
  values.sort((a, b) => (isUpper ? b.value - a.value : a.value - b.value));
  const isCount = op !== undefined && COUNTS.includes(op);
  const look = { ...times, estimated, link: links.query_url };
  if (values.length < all.length && values.length === 0)
    return { ...look, values, beyond: values, reason: 'too few stored events' };
  if (values.some(({ value }) => value !== 0) || (values.length > 0 && !isCount))
    return { ...look, values, beyond: values.filter(({ value }) => isBeyond(value, threshold)) };

  // No event matched. This query finds out whether there are any events that could match.
  const some: QuerySpec = {
    ...spec,
    ...times,
    calculations: [{ op: 'COUNT' }],
    formulas: [],
    breakdowns: [],
    havings: [],
    filters: isCount ? [] : spec.filters,
    limit: 1,
  };
  const { data: rest } = await completeResult(some, dataset, ask);
  const events = Number(rest?.results[0]?.data.COUNT ?? 0);
  const isGone = isCount ? events === 0 : events === 0 || spec.havings.length === 0;
  if (isGone) {
    const reason = isCount
      ? 'there is no event at all'
      : events === 0
        ? 'no event fits the filters'
        : `no event that fits the filters has a value of ${spec.formulas[0]?.name ?? measured(spec).column}`;
    return { ...look, values: [], beyond: [], reason };
  }
  const none = isCount && breakdowns.length === 0 ? [{ group: {}, value: 0 }] : values;
  return { ...look, values: none, beyond: none.filter(({ value }) => isBeyond(value, threshold)) };
}

/** The number of stored events of each group that its percentile is of. A sampled event counts once. */
async function countStored(spec: QuerySpec, dataset: string, ask: Ask) {
  const { name: _, ...of } = measured(spec);
  const counts: QuerySpec = {
    ...spec,
    calculations: [{ ...of, op: 'COUNT', name: STORED }],
    formulas: [],
    havings: [],
    orders: [],
    limit: MAX_LIMIT,
    usage_mode: true,
  };
  const { data } = await completeResult(counts, dataset, ask);
  const groupKey = (row: Readonly<Record<string, unknown>>) =>
    JSON.stringify(spec.breakdowns.map((each) => row[each]));
  const byGroup = new Map(data?.results.map(({ data: row }) => [groupKey(row), Number(row[STORED])]));
  return (group: Group['group']) => byGroup.get(groupKey(group)) ?? 0;
}

/** The key of the value to compare: the formula, or the calculation. */
function comparedKey(spec: QuerySpec): string {
  return spec.formulas[0]?.name ?? calculationKey(measured(spec));
}

function measured(spec: Pick<QuerySpec, 'calculations' | 'havings'>): Calculation {
  return measuredOf(spec)[0] ?? spec.calculations[0] ?? { op: 'COUNT' };
}

/** Whether a value is on the firing side of the threshold. */
export function isBeyond(
  value: number,
  { op, value: limit }: Pick<Trigger['threshold'], 'op' | 'value'>,
): boolean {
  switch (op) {
    case '>':
      return value > limit;
    case '>=':
      return value >= limit;
    case '<':
      return value < limit;
    default:
      return value <= limit;
  }
}
