import { RE2JS } from 're2js';
import { isProtectedField } from '../../fields/core-fields.ts';
import type { Condition } from './ottl.ts';
import { parseCondition } from './ottl.ts';
import type { PolicySpec } from './policy-spec.ts';
import type { Section } from './section.ts';

/** What a Collector's file says about tail_sampling. */
export interface CollectorRules {
  readonly waitMs: number;
  readonly waitAfterRootMs: number;
  readonly traces: number;
  /** Whether a decided trace leaves the memory, because a cache has its decision. */
  readonly cached: { readonly sampled: boolean; readonly notSampled: boolean };
  readonly onFirstMatch: boolean;
  readonly onIngest: boolean;
  readonly mostBytes: number;
  readonly policies: readonly PolicySpec[];
  /** Fields of Honeycomb's form that the policies look at. */
  readonly fields: ReadonlySet<string>;
  readonly needsFlags: boolean;
  readonly needsSizes: boolean;
  /** What is not modelled, and what is assumed instead. */
  readonly notes: readonly string[];
  /** Whether a policy is not modelled: totals then have bounds. */
  readonly isBounded: boolean;
}

const STATUS: Readonly<Record<string, number>> = { UNSET: 0, OK: 1, ERROR: 2 };
/** Types that only contain attributes of their own. */
const WITHOUT_SETTINGS = new Set(['always_sample', 'trace_flags']);
/** Fields that the explorer also writes itself, beside attributes of these names. */
const COPIED = /^(?:error|exception\.(?:type|message|stacktrace|escaped))$/u;

/** Whether a file is a Collector's configuration, or a part of one, with tail_sampling. */
export function isCollector(file: Section): boolean {
  return file.has('processors');
}

/** `${env:NAME:-default}` and `${NAME}` as the Collector reads them without the variable; `$$` is a dollar. */
export function withDefaults(text: string): string {
  return text.replace(
    /\$\$|\$\{(?:env:)?[A-Za-z_][\w]{0,200}(?::-([^}]{0,1000}))?\}/gu,
    (whole, fallback?: string) => (whole === '$$' ? '$' : (fallback ?? '')),
  );
}

/** Reads the policies. @throws RulesError */
export function readCollector(file: Section): CollectorRules {
  const processors = file.section('processors');
  const names = processors.keys.filter((key) => key === 'tail_sampling' || key.startsWith('tail_sampling/'));
  const [name, ...others] = names;
  if (name === undefined) return processors.fail('there is no tail_sampling. Name a file that has one.');
  const own = processors.section(name);
  const reading = new Reading();
  if (others.length > 0) reading.notes.add(`${others.join(', ')}: not tried. Only ${name} is.`);
  const waitMs = own.duration('decision_wait', 30_000);
  const cache = own.section('decision_cache');
  const cached = {
    sampled: cache.integer('sampled_cache_size', 0) > 0,
    notSampled: cache.integer('non_sampled_cache_size', 0) > 0,
  };
  cache.close();
  const strategy = own.text('sampling_strategy', 'trace-complete');
  if (strategy !== 'trace-complete' && strategy !== 'span-ingest')
    own.fail('sampling_strategy must be trace-complete or span-ingest.');
  const mostBytes = own.number('maximum_trace_size_bytes', 0);
  for (const key of ['expected_new_traces_per_sec', 'drop_pending_traces_on_shutdown', 'tail_storage'])
    own.value(key);
  const isBlocking = own.flag('block_on_overflow');
  if (own.integer('num_shards', 1) > 1)
    reading.notes.add('num_shards: not modelled. One shard is assumed, which has the whole of each limit.');
  const traces = isBlocking ? Infinity : own.integer('num_traces', 50_000);
  if (isBlocking)
    reading.notes.add('block_on_overflow: no trace is evicted; a wait for room is not modelled.');
  const policies = own.sections('policies').map((each) => reading.policy(each));
  if (policies.length === 0) own.fail('there are no policies.');
  const seen = new Set<string>();
  for (const { name } of policies) {
    if (seen.has(name)) own.fail(`two policies have the name ${JSON.stringify(name)}.`);
    seen.add(name);
  }
  const rules = {
    waitMs,
    waitAfterRootMs: own.duration('decision_wait_after_root_received', 0),
    traces,
    cached,
    onFirstMatch: own.flag('sample_on_first_match'),
    onIngest: strategy === 'span-ingest',
    mostBytes,
    policies,
    fields: reading.fields,
    needsFlags: reading.needsFlags,
    needsSizes: reading.needsSizes || mostBytes > 0,
    notes: [...reading.notes],
    isBounded: reading.isBounded,
  };
  own.close();
  return rules;
}

/** Reads policies, and gathers what they look at. */
class Reading {
  readonly fields = new Set<string>();
  readonly notes = new Set<string>();
  needsFlags = false;
  needsSizes = false;
  isBounded = false;

  policy(section: Section): PolicySpec {
    const name = section.text('name', '');
    const type = section.text('type');
    if (name === '') section.fail('a policy needs a name.');
    const settings = WITHOUT_SETTINGS.has(type) ? undefined : section.section(type);
    if (type === 'always_sample') section.value(type);
    const spec = { name, ...this.#settings(type, settings ?? section, name) } as PolicySpec;
    if (spec.type === 'unknown') return spec;
    settings?.close();
    section.close();
    return spec;
  }

  #settings(type: string, own: Section, name: string): object {
    switch (type) {
      case 'always_sample':
        return { type };
      case 'trace_flags':
        this.needsFlags = true;
        return { type };
      case 'latency':
        return { type, above: own.integer('threshold_ms', 0), upTo: own.integer('upper_threshold_ms', 0) };
      case 'numeric_attribute': {
        // 0 is as if it was left out.
        const [least, most] = [own.integer('min_value', 0), own.integer('max_value', 0)];
        if (least === 0 && most === 0) own.fail('min_value or max_value must be set, and not 0.');
        return {
          type,
          field: this.#field(own),
          least: least || -Infinity,
          most: most || Infinity,
          invert: own.flag('invert_match'),
        };
      }
      case 'string_attribute':
        return { type, field: this.#field(own), invert: own.flag('invert_match'), matches: matcherOf(own) };
      case 'boolean_attribute':
        return { type, field: this.#field(own), value: own.flag('value'), invert: own.flag('invert_match') };
      case 'status_code': {
        this.fields.add('status_code');
        const codes = own
          .texts('status_codes')
          .map(
            (code) =>
              STATUS[code] ?? own.fail(`status_codes: ${JSON.stringify(code)} is not OK, ERROR or UNSET.`),
          );
        if (codes.length === 0) own.fail('status_codes must name OK, ERROR or UNSET.');
        return { type, codes };
      }
      case 'probabilistic':
        this.fields.add('trace.trace_state');
        return {
          type,
          percentage: own.number('sampling_percentage', 0),
          salt: own.text('hash_salt', '') || 'default-hash-seed',
        };
      case 'rate_limiting':
      case 'bytes_limiting': {
        this.fields.add('trace.trace_state');
        if (type === 'bytes_limiting') this.needsSizes = true;
        const perSecond = own.integer(type === 'rate_limiting' ? 'spans_per_second' : 'bytes_per_second', 0);
        return { type, perSecond, burst: own.integer('burst_capacity', 0) || 2 * perSecond };
      }
      case 'span_count':
        return { type, least: own.integer('min_spans', 0), most: own.integer('max_spans', 0) || Infinity };
      case 'trace_state': {
        this.fields.add('trace.trace_state');
        const key = own.text('key');
        return {
          type,
          key,
          values: new Set(
            own.texts('values').filter((value) => value !== '' && key.length + value.length < 256),
          ),
        };
      }
      case 'ottl_condition':
        return this.#ottl(own, name);
      case 'and':
      case 'drop':
        return { type, policies: own.sections(`${type}_sub_policy`).map((each) => this.policy(each)) };
      case 'not':
        return { type, policies: [this.policy(own.section('not_sub_policy'))] };
      case 'composite':
        return this.#composite(own);
      default:
        return this.#unknown(name, `type ${JSON.stringify(type)} is not modelled`);
    }
  }

  #ottl(own: Section, name: string): object {
    const mode = own.text('error_mode', 'propagate');
    if (!['ignore', 'silent', 'propagate'].includes(mode))
      own.fail('error_mode must be ignore, silent or propagate.');
    const [span, event] = (['span', 'spanevent'] as const).map((on) =>
      own.texts(on).map((text) => ({ text, condition: parseCondition(text, on, regexOf) })),
    ) as [Parsed[], Parsed[]];
    const all = [...span, ...event];
    if (all.length === 0) own.fail('there is no condition.');
    const foreign = all.find(({ condition }) => typeof condition === 'string');
    if (foreign !== undefined)
      return this.#unknown(
        name,
        `the condition is not made of comparisons alone (${String(foreign.condition)})`,
      );
    const conditions = (parsed: readonly Parsed[]) =>
      parsed.flatMap(({ condition }) => (typeof condition === 'string' ? [] : [condition]));
    for (const { fields } of conditions(all)) for (const field of fields) this.fields.add(field);
    return { type: 'ottl_condition', span: conditions(span), event: conditions(event) };
  }

  #composite(own: Section): object {
    const most = own.integer('max_total_spans_per_second', 0);
    own.value('policy_order'); // The Collector evaluates in the order of the sub-policies.
    const policies = own.sections('composite_sub_policy').map((each) => this.policy(each));
    const percents = new Map(
      own.sections('rate_allocation').map((each) => [each.text('policy'), each.integer('percent', 0)]),
    );
    const shares = policies.map(({ name }) => {
      const percent = percents.get(name) ?? 0;
      return Math.trunc(percent > 0 ? (percent / 100) * most : most / policies.length);
    });
    return { type: 'composite', most, policies, shares };
  }

  #field(own: Section): string {
    const key = own.text('key');
    const field = attributeField(key);
    this.fields.add(field);
    if (COPIED.test(key))
      this.notes.add(
        `Attribute ${key}: the explorer also sets it from the span's status or exception, which the Collector does not.`,
      );
    return field;
  }

  #unknown(name: string, why: string): object {
    this.isBounded = true;
    this.notes.add(`Policy ${name}: ${why}. Once it is taken to keep nothing, once everything.`);
    return { type: 'unknown' };
  }
}

interface Parsed {
  readonly text: string;
  readonly condition: Condition | string;
}

/** The field in which the explorer stores an attribute. */
function attributeField(key: string): string {
  return isProtectedField(key) ? `attribute.${key}` : key;
}

function matcherOf(own: Section): (value: string) => boolean {
  const values = own.texts('values');
  own.value('cache_max_size');
  if (!own.flag('enabled_regex_matching')) {
    const known = new Set(values.filter((value) => value !== ''));
    return (value) => known.has(value);
  }
  const patterns = values.map(
    (value) => regexOf(value) ?? own.fail(`${JSON.stringify(value)} is not a regular expression of RE2.`),
  );
  return (value) => patterns.some((pattern) => pattern.test(value));
}

/** A regular expression of Go: RE2. Undefined for an invalid one. */
export function regexOf(pattern: string): RE2JS | undefined {
  try {
    return RE2JS.compile(pattern);
  } catch {
    return undefined;
  }
}
