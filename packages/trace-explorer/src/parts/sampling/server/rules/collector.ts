import type { Policy } from '../decide/collector.ts';
import * as policies from '../decide/collector.ts';
import type { Sampler } from '../decide/decisions.ts';
import type { Gathered } from './gathered.ts';
import { fieldOf, literal, matchesSql } from './gathered.ts';
import { conditionSql } from './ottl.ts';
import type { Section } from './section.ts';

/** Settings that are not modelled: the value that changes nothing, and the assumption. */
const NOT_MODELLED: Readonly<Record<string, readonly [plain: unknown, assumed: string]>> = {
  sampling_strategy: ['trace-complete', 'Each trace is decided at the end of its wait.'],
  decision_wait_after_root_received: ['0s', 'Each trace waits for decision_wait.'],
  maximum_trace_size_bytes: [0, 'No trace is too large.'],
  num_shards: [1, 'One shard is assumed, which has the whole of each limit.'],
  block_on_overflow: [false, 'A wait for room is not modelled.'],
};
/** Settings that change no decision. A decision cache is taken to know every decision. */
const WITHOUT_EFFECT = [
  'decision_cache',
  'expected_new_traces_per_sec',
  'drop_pending_traces_on_shutdown',
  'tail_storage',
];
const STATUS = ['UNSET', 'OK', 'ERROR'];
const SPANS = 'count(*) FILTER (t_span)';

/** `${env:NAME:-default}` and `${NAME}` as the Collector reads them without the variable; `$$` is a dollar. */
export function withDefaults(text: string): string {
  return text.replace(
    /\$\$|\$\{(?:env:)?[A-Za-z_][\w]{0,200}(?::-([^{}]{0,1000}))?\}/gu,
    (whole, fallback?: string) => (whole === '$$' ? '$' : (fallback ?? '')),
  );
}

/** Reads tail_sampling of a Collector's processors; undefined where there is none. @throws RulesError */
export function readCollector(processors: Section, gathered: Gathered): Sampler | undefined {
  const [name, ...others] = processors.keys.filter((key) => /^tail_sampling(?:\/|$)/u.test(key));
  if (name === undefined) return undefined;
  const own = processors.section(name);
  const { notes } = gathered;
  if (others.length > 0) notes.add(`${others.join(', ')}: not tried. Only ${name} is.`);
  for (const key of WITHOUT_EFFECT) own.value(key);
  for (const [key, [plain, assumed]] of Object.entries(NOT_MODELLED)) {
    const value = own.value(key) ?? plain;
    if (value !== plain && value !== 0) notes.add(`${key}: not modelled. ${assumed}`);
  }
  // The clock ticks each second from the first span on. A span that comes later does not count.
  const ticks = Math.floor(Math.max(1, own.duration('decision_wait', 30_000) / 1000)) + 1;
  const due = `(floor(${gathered.fact('coalesce(min(t_end), min(t_start))')} / 1e9) + ${ticks}) * 1e9`;
  gathered.decidedAt = due;
  const all = own.sections('policies').map((policy) => readPolicy(policy, gathered));
  const onFirstMatch = own.flag('sample_on_first_match');
  const memory = own.integer('num_traces', 50_000);
  own.close();
  const names = all.map((policy) => policy.name);
  if (names.length === 0) own.fail('there are no policies.');
  const twice = names.find((name, at) => names.indexOf(name) !== at);
  if (twice !== undefined) own.fail(`two policies have the name ${JSON.stringify(twice)}.`);
  return {
    product: 'collector',
    due: gathered.ask(`any_value(${due})`),
    memory,
    start: (run) => policies.tailSampling(all, onFirstMatch, run),
  };
}

function readPolicy(section: Section, gathered: Gathered): Policy {
  const name = section.text('name', '');
  const type = section.text('type');
  if (name === '') section.fail('a policy needs a name.');
  const read = TYPES.get(type);
  const own = read && section.section(type);
  const start = own ? read(own, gathered) : `type ${JSON.stringify(type)} is not modelled`;
  if (typeof start !== 'string') {
    own?.close();
    section.close();
    return { name, type, start };
  }
  gathered.isBounded = true;
  gathered.notes.add(`Policy ${name}: ${start}. Once it is taken to keep nothing, once everything.`);
  return { name, type, start: policies.assumed };
}

/** Reads the settings of a type. @returns the policy, or why it is not modelled */
type Read = (own: Section, gathered: Gathered) => policies.Start | string;

const readers: Readonly<Record<string, Read>> = {
  always_sample: (_, gathered) => policies.when(gathered.ask('true')),
  // A span's flags are the last field of its message, and so its last bytes: a tag of two bytes, and four bytes.
  trace_flags: (_, gathered) =>
    policies.when(gathered.askAny(`t_span AND regexp_matches(right(hex(_span), 12), '^8501.[13579BDF]')`)),
  latency(own, gathered) {
    const [above, upTo] = [own.integer('threshold_ms', 0), own.integer('upper_threshold_ms', 0)];
    if (upTo === 0)
      return policies.when(gathered.ask(`max(t_end) - min(t_start) FILTER (t_span) >= ${above + 1}e6`));
    // From the first start to the last end, after each span that came: one of these times must fit.
    gathered.columns.add(
      'min(CASE WHEN t_span THEN t_start END) OVER (PARTITION BY t_trace ORDER BY t_end, _seq) AS t_first',
    );
    const ms = 'trunc((t_end - t_first) / 1e6)';
    return policies.when(gathered.askAny(`t_span AND ${ms} > ${above} AND ${ms} <= ${upTo}`));
  },
  numeric_attribute(own, gathered) {
    // 0 is as if it was left out.
    const [least, most] = [own.integer('min_value', 0), own.integer('max_value', 0)];
    if (least === 0 && most === 0) own.fail('min_value or max_value must be set, and not 0.');
    const bounds = [...(least === 0 ? [] : [`>= ${least}`]), ...(most === 0 ? [] : [`<= ${most}`])];
    return attribute(own, gathered, 'integer', (value) =>
      bounds.map((bound) => `${value} ${bound}`).join(' AND '),
    );
  },
  string_attribute: (own, gathered) => attribute(own, gathered, 'string', matcherOf(own)),
  boolean_attribute(own, gathered) {
    const wanted = own.flag('value');
    return attribute(own, gathered, 'boolean', (value) => `${value} = ${wanted}`);
  },
  status_code(own, gathered) {
    const codes = own.texts('status_codes').map((code) => STATUS.indexOf(code));
    if (codes.length === 0 || codes.includes(-1))
      own.fail('status_codes must name OK, ERROR or UNSET, and nothing else.');
    const status = gathered.fields.get('status_code')?.sql ?? 'NULL';
    return policies.when(gathered.askAny(`t_span AND coalesce(${status}, 0) IN (${codes.join()})`));
  },
  probabilistic(own, gathered) {
    const salt = own.text('hash_salt', '') || 'default-hash-seed';
    return policies.probabilistic(own.number('sampling_percentage', 0), salt, gathered.askState());
  },
  rate_limiting: (own, gathered) => limit(own, gathered, 'spans_per_second', SPANS),
  bytes_limiting(own, gathered) {
    gathered.sizes = true;
    return limit(own, gathered, 'bytes_per_second', 'sum(t_size)');
  },
  span_count(own, gathered) {
    const [least, most] = [own.integer('min_spans', 0), own.integer('max_spans', 0)];
    const upTo = most === 0 ? '' : ` AND ${SPANS} <= ${most}`;
    return policies.when(gathered.ask(`${SPANS} >= ${least}${upTo}`));
  },
  trace_state(own, gathered) {
    const key = own.text('key');
    const values = own.texts('values').filter((value) => value !== '' && key.length + value.length < 256);
    const members = `list_transform(string_split(${gathered.text('trace.trace_state')}, ','), lambda member: trim(member))`;
    const wanted = values.map((value) => literal(`${key}=${value}`));
    return policies.when(gathered.askAny(`t_span AND list_has_any(${members}, [${wanted.join()}])`));
  },
  ottl_condition(own, gathered) {
    const mode = own.text('error_mode', 'propagate');
    if (!['ignore', 'silent', 'propagate'].includes(mode))
      own.fail('error_mode must be ignore, silent or propagate.');
    const conditions: string[] = [];
    for (const on of ['span', 'spanevent'] as const)
      for (const text of own.texts(on)) {
        const condition = conditionSql(text, on, gathered);
        if ('because' in condition)
          return `the condition is not made of comparisons alone (${condition.because})`;
        conditions.push(
          `(${on === 'span' ? 't_span' : `t_event AND ${eventArrived(gathered)}`} AND ${condition.sql})`,
        );
      }
    if (conditions.length === 0) own.fail('there is no condition.');
    return policies.when(gathered.askAny(conditions.join(' OR ')));
  },
  and: (own, gathered) => policies.and(subPolicies(own, 'and', gathered)),
  drop: (own, gathered) => policies.all(subPolicies(own, 'drop', gathered), true),
  not: (own, gathered) => policies.all([readPolicy(own.section('not_sub_policy'), gathered)], false),
  composite(own, gathered) {
    const most = own.integer('max_total_spans_per_second', 0);
    own.value('policy_order'); // The Collector evaluates in the order of the sub-policies.
    const inner = subPolicies(own, 'composite', gathered);
    const percents = new Map(
      own
        .sections('rate_allocation')
        .map((allocation) => [allocation.text('policy'), allocation.integer('percent', 0)]),
    );
    const shares = inner.map(({ name }) => {
      const percent = percents.get(name) ?? 0;
      return Math.trunc(percent > 0 ? (percent / 100) * most : most / inner.length);
    });
    gathered.isLimited = true;
    return policies.composite(inner, shares, most, gathered.ask(SPANS));
  },
};

const TYPES: ReadonlyMap<string, Read> = new Map(Object.entries(readers));

function subPolicies(own: Section, type: string, gathered: Gathered): readonly Policy[] {
  return own.sections(`${type}_sub_policy`).map((policy) => readPolicy(policy, gathered));
}

/** Whether the span of an event had come. Its events follow a span in the store. */
function eventArrived(gathered: Gathered): string {
  gathered.columns.add('last_value(t_end IGNORE NULLS) OVER (ORDER BY _seq) AS t_came');
  return gathered.cameInTime('t_came');
}

function limit(own: Section, gathered: Gathered, key: string, cost: string): policies.Start {
  const perSecond = own.integer(key, 0);
  const burst = own.integer('burst_capacity', 0) || 2 * perSecond;
  gathered.isLimited = true;
  return policies.limited(perSecond, burst, gathered.ask(cost), gathered.askState());
}

/** A value of another type, as Go reads it. */
const EMPTY = { integer: '0', string: `''`, boolean: 'false' } as const;

/** Keeps the traces with a span whose attribute fits; inverted: the traces without one. */
function attribute(
  own: Section,
  gathered: Gathered,
  type: keyof typeof EMPTY,
  fits: (value: string) => string,
): policies.Start {
  const invert = own.flag('invert_match');
  const field = gathered.fields.get(fieldOf(own.text('key')));
  const condition = fits(field?.type === type ? field.sql : EMPTY[type]);
  return policies.when(
    gathered.askAny(`t_span AND ${field?.sql ?? 'NULL'} IS NOT NULL AND ${condition}`, invert),
  );
}

function matcherOf(own: Section): (value: string) => string {
  const values = own.texts('values');
  own.value('cache_max_size');
  if (!own.flag('enabled_regex_matching')) {
    const known = values.filter((value) => value !== '').map(literal);
    return (value) => (known.length === 0 ? 'false' : `${value} IN (${known.join()})`);
  }
  return (text) => {
    const any = values.map(
      (value) =>
        matchesSql(text, value) ?? own.fail(`${JSON.stringify(value)} is not a regular expression of RE2.`),
    );
    return `${text} <> '' AND (${any.join(' OR ') || 'false'})`;
  };
}
