import type { Ask } from '../http/request-json.ts';
import { completeResult } from '../query/api/results.ts';
import { isPercentile } from '../query/compile/calculations.ts';
import { ALL_DATASETS } from '../query/parse/all-datasets.ts';
import { DEFAULT_TIME_RANGE, MAX_LIMIT } from '../query/parse/limits.ts';
import { calculationKey } from '../query/parse/operators.ts';
import { isAbsent } from '../query/parse/problems.ts';
import type { Calculation, QuerySpec } from '../query/parse/query-spec.ts';
import { hasTooFew } from '../shared/words.ts';
import type { Trigger } from './trigger.ts';
import { measuredOf, parseTriggerQuery } from './trigger.ts';

/** Groups beyond the threshold in the outcome. */
const MAX_GROUPS = 20;
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
    /** As many unsampled traces would say as much; of an estimate. */
    readonly effective?: number;
  }[];
  readonly groups_total: number;
  /** The time range of the query, seconds since the epoch. */
  readonly start_time: number;
  readonly end_time: number;
  /** Whether sampled events count by their sample rates. */
  readonly estimated: boolean;
  readonly effective?: number;
  /** Traces that show a finding; `value` has them by their rates. */
  readonly seen?: number;
  /** Traces that were pulled. */
  readonly pulled?: number;
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
    calculation: keyOf(spec),
    threshold,
    ...(values[0] && { value: values[0].value }),
    ...(values[0]?.effective !== undefined && { effective: values[0].effective }),
    groups: fires && spec.breakdowns.length > 0 ? beyond.slice(0, MAX_GROUPS) : [],
    groups_total: fires ? beyond.length : 0,
    ...(reason !== undefined && { reason }),
    ...rest,
  };
}

type Group = TriggerOutcome['groups'][number];

interface Look
  extends Pick<TriggerOutcome, 'start_time' | 'end_time' | 'estimated' | 'pulled' | 'link' | 'reason'> {
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
  const key = keyOf(spec);
  const op = spec.formulas.length > 0 ? undefined : measured(spec).op;
  const all = (data?.results ?? []).flatMap(
    ({ data: row, effective: { [key]: effective } = {} }): Group[] => {
      if (isAbsent(row[key])) return [];
      const group = Object.fromEntries(breakdowns.map((name) => [name, row[name]]));
      return [{ group, value: Number(row[key]), ...(effective !== undefined && { effective }) }];
    },
  );
  const values = all.filter(({ effective }) => !(op && isPercentile(op) && hasTooFew(op, effective)));
  const isUpper = threshold.op.startsWith('>');
  values.sort((a, b) => (isUpper ? b.value - a.value : a.value - b.value));
  const isCount = op !== undefined && COUNTS.includes(op);
  const { estimated = false, pulled } = data?.info ?? {};
  const look = { ...times, estimated, ...(pulled !== undefined && { pulled }), link: links.query_url };
  if (values.length < all.length && values.length === 0) {
    const reason = all.some(({ effective }) => effective !== 0)
      ? 'too few traces were sampled for a percentile'
      : `${op} of pulled traces is not known: only their engine says it`;
    return { ...look, values, beyond: values, reason };
  }
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

/** The key of the value to compare: the formula, or the calculation. */
function keyOf(spec: QuerySpec): string {
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
