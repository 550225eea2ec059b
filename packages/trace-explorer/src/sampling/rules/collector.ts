import { isProtectedField } from '../../fields/core-fields.ts';
import type { CollectorRules } from '../decide/collector.ts';
import type { Policy } from '../decide/policies.ts';
import * as policies from '../decide/policies.ts';
import { regexOf } from './operators.ts';
import type { Condition } from './ottl.ts';
import { parseCondition } from './ottl.ts';
import type { Section } from './section.ts';

/** What to read of the traffic for some rules, and what is not modelled. */
export class Gathered {
  /** Fields of Honeycomb's form that the rules look at. */
  readonly fields = new Set<string>();
  readonly notes = new Set<string>();
  /** Whether a rule looks at spans' flags, or at the sizes of traces. */
  flags = false;
  sizes = false;
  /** Whether a policy is not modelled: totals then have bounds. */
  isBounded = false;
}

/** Settings that are not modelled: the value that changes nothing, and what is assumed. */
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
const STATUS: Readonly<Record<string, number>> = { UNSET: 0, OK: 1, ERROR: 2 };
const STATE = 'trace.trace_state';
/** `${env:NAME:-default}` and `${NAME}` as the Collector reads them without the variable; `$$` is a dollar. */
export function withDefaults(text: string): string {
  return text.replace(
    /\$\$|\$\{(?:env:)?[A-Za-z_][\w]{0,200}(?::-([^}]{0,1000}))?\}/gu,
    (whole, fallback?: string) => (whole === '$$' ? '$' : (fallback ?? '')),
  );
}

/** Reads tail_sampling of a Collector's file. @throws RulesError */
export function readCollector(file: Section, gathered: Gathered): CollectorRules {
  const processors = file.section('processors');
  const [name, ...others] = processors.keys.filter((key) => /^tail_sampling(?:\/|$)/u.test(key));
  if (name === undefined) return processors.fail('there is no tail_sampling. Name a file that has one.');
  const own = processors.section(name);
  const { notes } = gathered;
  if (others.length > 0) notes.add(`${others.join(', ')}: not tried. Only ${name} is.`);
  for (const key of WITHOUT_EFFECT) own.value(key);
  for (const [key, [plain, assumed]] of Object.entries(NOT_MODELLED)) {
    const value = own.value(key) ?? plain;
    if (value !== plain && value !== 0) notes.add(`${key}: not modelled. ${assumed}`);
  }
  const rules = {
    waitMs: own.duration('decision_wait', 30_000),
    traces: own.integer('num_traces', 50_000),
    onFirstMatch: own.flag('sample_on_first_match'),
    policies: own.sections('policies').map((each) => readPolicy(each, gathered)),
  };
  own.close();
  const names = rules.policies.map(({ name }) => name);
  if (names.length === 0) own.fail('there are no policies.');
  const twice = names.find((each, at) => names.indexOf(each) !== at);
  if (twice !== undefined) own.fail(`two policies have the name ${JSON.stringify(twice)}.`);
  return rules;
}

function readPolicy(section: Section, gathered: Gathered): Policy {
  const name = section.text('name', '');
  const type = section.text('type');
  if (name === '') section.fail('a policy needs a name.');
  const read = Object.hasOwn(TYPES, type) ? TYPES[type] : undefined;
  const inner: Policy[] = [];
  const policiesOf = (sections: readonly Section[]) => {
    const found = sections.map((each) => readPolicy(each, gathered));
    inner.push(...found);
    return found;
  };
  const own = read && section.section(type);
  const start = own ? read(own, gathered, policiesOf) : `type ${JSON.stringify(type)} is not modelled`;
  const isLimited = LIMITS.has(type) || inner.some((each) => each.isLimited);
  if (typeof start !== 'string') {
    own?.close();
    section.close();
    return { name, type, isLimited, start };
  }
  gathered.isBounded = true;
  gathered.notes.add(`Policy ${name}: ${start}. Once it is taken to keep nothing, once everything.`);
  return {
    name,
    type,
    isLimited,
    start: policies.when(
      ({ assume }) =>
        () =>
          assume,
    ),
  };
}

/** Reads the settings of a type. @returns the policy, or why it is not modelled */
type Read = (
  own: Section,
  gathered: Gathered,
  policiesOf: (sections: readonly Section[]) => readonly Policy[],
) => Policy['start'] | string;

const LIMITS = new Set(['rate_limiting', 'bytes_limiting', 'composite']);
const TYPES: Readonly<Record<string, Read>> = {
  always_sample: () => policies.when(() => () => true),
  trace_flags(_, gathered) {
    gathered.flags = true;
    return policies.anyRow(
      ({ rows }) =>
        (row) =>
          ((rows.flags[row] ?? 0) & 1) === 1,
    );
  },
  latency: (own) => policies.latency(own.integer('threshold_ms', 0), own.integer('upper_threshold_ms', 0)),
  numeric_attribute(own, gathered) {
    // 0 is as if it was left out.
    const [least, most] = [own.integer('min_value', 0), own.integer('max_value', 0)];
    if (least === 0 && most === 0) own.fail('min_value or max_value must be set, and not 0.');
    const fits = (value: unknown) =>
      Number(value) >= (least || -Infinity) && Number(value) <= (most || Infinity);
    return policies.attribute(fieldOf(own, gathered), { type: 'integer', empty: 0, fits });
  },
  string_attribute(own, gathered) {
    const matches = matcherOf(own);
    const fits = (value: unknown) => value !== '' && matches(String(value));
    return policies.attribute(fieldOf(own, gathered), { type: 'string', empty: '', fits });
  },
  boolean_attribute(own, gathered) {
    const wanted = own.flag('value');
    const fits = (value: unknown) => value === wanted;
    return policies.attribute(fieldOf(own, gathered), { type: 'boolean', empty: false, fits });
  },
  status_code(own, { fields }) {
    const codes = own
      .texts('status_codes')
      .map(
        (code) =>
          STATUS[code] ?? own.fail(`status_codes: ${JSON.stringify(code)} is not OK, ERROR or UNSET.`),
      );
    if (codes.length === 0) own.fail('status_codes must name OK, ERROR or UNSET.');
    fields.add('status_code');
    return policies.anyRow((recording) => {
      const read = recording.reader('status_code');
      return (row) => codes.includes(Number(read(row) ?? 0));
    });
  },
  probabilistic(own, { fields }) {
    fields.add(STATE);
    const salt = own.text('hash_salt', '') || 'default-hash-seed';
    return policies.probabilistic(own.number('sampling_percentage', 0), salt);
  },
  rate_limiting: (own, gathered) =>
    policies.budget(limitOf(own, 'spans_per_second', gathered), ({ spans }) => spans),
  bytes_limiting(own, gathered) {
    gathered.sizes = true;
    return policies.budget(limitOf(own, 'bytes_per_second', gathered), ({ size }) => size);
  },
  span_count(own) {
    const [least, most] = [own.integer('min_spans', 0), own.integer('max_spans', 0) || Infinity];
    return policies.when(
      () =>
        ({ spans }) =>
          spans >= least && spans <= most,
    );
  },
  trace_state(own, { fields }) {
    fields.add(STATE);
    const key = own.text('key');
    const values = own.texts('values').filter((value) => value !== '' && key.length + value.length < 256);
    return policies.traceState(key, new Set(values));
  },
  ottl_condition(own, { fields }) {
    const mode = own.text('error_mode', 'propagate');
    if (!['ignore', 'silent', 'propagate'].includes(mode))
      own.fail('error_mode must be ignore, silent or propagate.');
    const read = (on: 'span' | 'spanevent') => own.texts(on).map((text) => parseCondition(text, on));
    const [ofSpans, ofEvents] = [read('span'), read('spanevent')];
    const all = [...ofSpans, ...ofEvents];
    if (all.length === 0) own.fail('there is no condition.');
    const foreign = all.find((each) => typeof each === 'string');
    if (foreign !== undefined) return `the condition is not made of comparisons alone (${foreign})`;
    for (const each of all.filter(isCondition)) for (const field of each.fields) fields.add(field);
    const tests = (of: readonly (Condition | string)[]) => of.filter(isCondition).map(({ of: test }) => test);
    return policies.conditions(tests(ofSpans), tests(ofEvents));
  },
  and: (own, _, policiesOf) => policies.and(policiesOf(own.sections('and_sub_policy'))),
  drop: (own, _, policiesOf) => policies.all(policiesOf(own.sections('drop_sub_policy')), true),
  not: (own, _, policiesOf) => policies.all(policiesOf([own.section('not_sub_policy')]), false),
  composite(own, _, policiesOf) {
    const most = own.integer('max_total_spans_per_second', 0);
    own.value('policy_order'); // The Collector evaluates in the order of the sub-policies.
    const inner = policiesOf(own.sections('composite_sub_policy'));
    const percents = new Map(
      own.sections('rate_allocation').map((each) => [each.text('policy'), each.integer('percent', 0)]),
    );
    const shares = inner.map(({ name }) => {
      const percent = percents.get(name) ?? 0;
      return Math.trunc(percent > 0 ? (percent / 100) * most : most / inner.length);
    });
    return policies.composite(inner, shares, most);
  },
};

function isCondition(found: Condition | string): found is Condition {
  return typeof found !== 'string';
}

function limitOf(own: Section, key: string, { fields }: Gathered) {
  fields.add(STATE);
  const perSecond = own.integer(key, 0);
  return { perSecond, burst: own.integer('burst_capacity', 0) || 2 * perSecond };
}

/** The field in which the explorer stores the attribute of a policy. */
function fieldOf(own: Section, { fields }: Gathered) {
  const key = own.text('key');
  const field = isProtectedField(key) ? `attribute.${key}` : key;
  fields.add(field);
  return { field, invert: own.flag('invert_match') };
}

function matcherOf(own: Section): (value: string) => boolean {
  const values = own.texts('values');
  own.value('cache_max_size');
  if (!own.flag('enabled_regex_matching')) {
    const known = new Set(values);
    return (value) => known.has(value);
  }
  const patterns = values.map(
    (value) => regexOf(value) ?? own.fail(`${JSON.stringify(value)} is not a regular expression of RE2.`),
  );
  return (value) => patterns.some((pattern) => pattern.test(value));
}
