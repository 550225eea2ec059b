import type { Sampler } from '../decide/decisions.ts';
import type { DynamicSpec } from '../decide/dynamic-samplers.ts';
import type { Rule, Start } from '../decide/refinery.ts';
import { deterministic, dynamic, rulesBased } from '../decide/refinery.ts';
import type { Gathered, Value } from './gathered.ts';
import { areComparable, literal, matchesSql, printedSql } from './gathered.ts';
import type { Section } from './section.ts';

const DEFAULT_ENVIRONMENT = '__default__';
/** Values of a field in a key. Refinery takes so many of all fields together, in the order in which they came. */
const MOST_VALUES = 99;
/** The samplers that count traces by a key: the setting of their goal, the setting of their interval, and both defaults. */
const TYPES = new Map<
  string,
  readonly [DynamicSpec['type'], goal: readonly [string, number], every: readonly [string, number]]
>([
  ['DynamicSampler', ['dynamic', ['SampleRate', 10], ['ClearFrequency', 30_000]]],
  ['EMADynamicSampler', ['emadynamic', ['GoalSampleRate', 10], ['AdjustmentInterval', 15_000]]],
  ['EMAThroughputSampler', ['emathroughput', ['GoalThroughputPerSec', 100], ['AdjustmentInterval', 15_000]]],
  [
    'WindowedThroughputSampler',
    ['windowedthroughput', ['GoalThroughputPerSec', 100], ['UpdateFrequency', 1000]],
  ],
  ['TotalThroughputSampler', ['totalthroughput', ['GoalThroughputPerSec', 100], ['ClearFrequency', 30_000]]],
]);
const COMPARISONS = new Set(['=', '!=', '<', '<=', '>', '>=']);
const NONE: Value = { sql: 'CAST(NULL AS VARCHAR)', type: 'string' };

/** Reads the sampler of an environment, else `__default__`. @throws RulesError */
export function readRefinery(file: Section, gathered: Gathered, environment = DEFAULT_ENVIRONMENT): Sampler {
  if (file.integer('RulesVersion', 0) !== 2) file.fail('RulesVersion must be 2.');
  const samplers = file.section('Samplers');
  const name = samplers.has(environment) ? environment : DEFAULT_ENVIRONMENT;
  if (!samplers.has(name))
    samplers.fail(
      `there is no ${JSON.stringify(environment)} and no ${DEFAULT_ENVIRONMENT}. Name one of ${samplers.keys.join(', ')} with --environment.`,
    );
  if (name !== environment)
    gathered.notes.add(
      `Environment ${environment}: the file does not name it, so ${name} is tried, as in Refinery.`,
    );
  const section = samplers.section(name);
  const start = section.has('RulesBasedSampler')
    ? readRulesBased(section.section('RulesBasedSampler'), gathered)
    : readSampler(section, gathered);
  return {
    product: 'refinery',
    due: gathered.ask('max(t_end)'),
    start(run) {
      const decide = start({ ...run, counting: new Map() });
      return (traces, now) => traces.map((trace) => decide(trace, now));
    },
  };
}

function readRulesBased(own: Section, gathered: Gathered): Start {
  if (own.flag('CheckNestedFields'))
    gathered.notes.add('CheckNestedFields: not modelled. Fields within JSON texts are not found.');
  const rules = own.sections('Rules').map((rule) => readRule(rule, gathered));
  own.close();
  const cases = rules.map(({ matches }, at) => `WHEN ${matches} THEN ${at}`);
  return rulesBased(rules, gathered.ask(`CASE ${cases.join(' ')} WHEN true THEN -1 END`));
}

function readRule(section: Section, gathered: Gathered): Rule & { readonly matches: string } {
  const scope = section.text('Scope', 'trace');
  const isKnown = scope === 'span' || scope === 'trace';
  const conditions = section
    .sections('Conditions')
    .map((condition) => readCondition(condition, scope, gathered));
  const any = (condition: string) => `coalesce(bool_or(${condition}), false)`;
  const matches = scope === 'span' ? any(conditions.join(' AND ')) : conditions.map(any).join(' AND ');
  const rule = {
    reason: `rules/${isKnown ? scope : 'invalid scope'}/${section.text('Name', '')}`,
    rate: section.integer('SampleRate', 0),
    drop: section.flag('Drop'),
    sampler: section.has('Sampler') ? readSampler(section.section('Sampler'), gathered) : undefined,
    matches: conditions.length === 0 || !isKnown ? 'true' : matches,
  };
  section.close();
  return rule;
}

function readSampler(section: Section, gathered: Gathered): Start {
  const [name = '', ...more] = section.keys;
  if (more.length > 0) section.fail(`name one sampler, not ${section.keys.length}.`);
  if (name !== 'DeterministicSampler') return readDynamic(section, name, gathered);
  const own = section.section(name);
  const rate = own.integer('SampleRate', 1);
  if (rate < 1) own.fail('SampleRate must be at least 1.');
  own.close();
  return deterministic(rate);
}

function readDynamic(section: Section, name: string, gathered: Gathered): Start {
  const [type, [goalKey, usualGoal], [everyKey, usualMs]] =
    TYPES.get(name) ?? section.fail(`${JSON.stringify(name)} is not a sampler of Refinery.`);
  const own = section.section(name);
  const isWindowed = type === 'windowedthroughput';
  const isEma = type.startsWith('ema');
  // 0 is as if it was left out.
  const goal = own.integer(goalKey, 0) || usualGoal;
  if (goal < 1) own.fail(`${goalKey} must be at least 1.`);
  const everyMs = own.duration(everyKey, 0) || usualMs;
  const lookbackMs = (isWindowed && own.duration('LookbackFrequency', 0)) || 30 * everyMs;
  const weight = (isEma && own.number('Weight', 0)) || 0.5;
  if (type.endsWith('throughput') && own.flag('UseClusterSize'))
    gathered.notes.add('UseClusterSize: not modelled. One node is assumed.');
  const fields = own.texts('FieldList').toSorted();
  const spec: DynamicSpec = {
    type,
    goal,
    fields,
    everyMs,
    intervals: isWindowed ? Math.trunc(lookbackMs / everyMs) : 1,
    mostKeys: own.integer('MaxKeys', 0) || 500,
    firstRate: type.endsWith('dynamic') ? goal : isEma ? own.integer('InitialSampleRate', 0) || 10 : 1,
    weight,
    ageOut: (isEma && own.number('AgeOutValue', 0)) || weight,
    burstMultiple: (isEma && own.number('BurstMultiple', 0)) || 2,
    burstDelay: (isEma && own.integer('BurstDetectionDelay', 0)) || 3,
  };
  const key = gathered.ask(keySql(fields, own.flag('UseTraceLength'), gathered));
  own.close();
  return dynamic(spec, key, gathered.ask('count(*)'));
}

/** The key of a trace: the values of the fields in all rows, then the values of the root span. */
function keySql(fields: readonly string[], useLength: boolean, gathered: Gathered): string {
  const [ofRoot = [], ofRows = []] = [true, false].map((isOfRoot) =>
    fields
      .filter((name) => name.startsWith('root.') === isOfRoot)
      .map((name) => fieldValue(name, gathered))
      // The value of a field that no row has is empty.
      .flatMap((value) => (value === NONE ? [] : [printedSql(value)])),
  );
  const values = (text: string) => `list_sort(list(DISTINCT ${text}) FILTER (${text} IS NOT NULL))`;
  const parts = [
    "''",
    ...ofRows.map((text) => `coalesce(array_to_string(${values(text)}[:${MOST_VALUES}], '•') || '•,', '')`),
    ...ofRoot.map((text) => `coalesce(any_value(${text}) || ',', '')`),
    ...(useLength ? ['count(*)'] : []),
  ];
  // Not a chain of ||, which takes DuckDB seconds to plan.
  return `concat(${parts.join(', ')})`;
}

/** A field of a row; with the prefix `root.` that of the root span. */
function fieldValue(name: string, gathered: Gathered): Value {
  if (name === '?.NUM_DESCENDANTS') return { sql: gathered.fact('count(*)'), type: 'integer' };
  const isOfRoot = name.startsWith('root.');
  const field = gathered.fields.get(isOfRoot ? name.slice('root.'.length) : name) ?? NONE;
  if (!isOfRoot || field === NONE) return field;
  return { ...field, sql: gathered.fact(`arg_max(${field.sql}, t_end) FILTER (t_root)`) };
}

/** Reads a condition. @returns SQL over one row: the first of the condition's fields that the row has decides */
function readCondition(section: Section, scope: string, gathered: Gathered): string {
  const field = section.text('Field', '');
  const names = section.texts('Fields');
  if (field !== '' && names.length > 0) section.fail('name Field or Fields, not both.');
  const operator = section.text('Operator');
  const setting = section.value('Value');
  const type = section.text('Datatype', '');
  section.close();
  if (operator === 'has-root-span') {
    const wanted = String(setting).toLowerCase() === 'true' || setting === 1;
    // On a span, this operator never holds.
    return scope === 'span' ? 'false' : `${gathered.fact('bool_or(t_root)')} = ${wanted}`;
  }
  const test = (value: Value) =>
    testSql(value, operator, setting, type) ??
    section.fail(`Operator ${operator}, Datatype ${type || 'none'} and the Value do not fit.`);
  const values = (field === '' ? names : [field]).map((name) => fieldValue(name, gathered));
  const cases = values.map((value) => `WHEN ${value.sql} IS NOT NULL THEN ${test(value)}`);
  return `CASE ${cases.join(' ')} ELSE ${test(NONE)} END`;
}

/** The test of a value, as Refinery 3.2 converts values. Undefined for a condition that Refinery refuses. */
function testSql(value: Value, operator: string, setting: unknown, type: string): string | undefined {
  const [text, wanted] = [printed(value), literal(goText(setting))];
  if (COMPARISONS.has(operator)) return comparison(value, operator, setting, type);
  switch (operator) {
    case 'exists':
      return `${value.sql} IS NOT NULL`;
    case 'not-exists':
      return `${value.sql} IS NULL`;
    case 'starts-with':
      return `starts_with(${text}, ${wanted})`;
    case 'contains':
      return `contains(${text}, ${wanted})`;
    case 'does-not-contain':
      return `NOT contains(${text}, ${wanted})`;
    case 'matches':
      return matchesSql(text, goText(setting));
    case 'in':
    case 'not-in': {
      if (type === 'bool') return undefined;
      const convert = CONVERSIONS.get(type) ?? printed;
      const values = (Array.isArray(setting) ? setting : [setting]).map((item) =>
        convert(settingValue(item)),
      );
      return `${operator === 'in' ? '' : 'NOT '}coalesce(${convert(value)} IN (${values.join()}), false)`;
    }
    default:
      return undefined;
  }
}

/** The compared value of each Datatype; NULL where it reads no such value. */
const CONVERSIONS: ReadonlyMap<string, (value: Value) => string> = new Map([
  ['string', printed],
  [
    'bool',
    (value) =>
      `CASE WHEN ${value.sql} IS NOT NULL THEN ${printed(value)} IN ('1', 't', 'T', 'true', 'TRUE', 'True') END`,
  ],
  ['float', ({ sql, type }) => (type === 'boolean' ? 'NULL' : `TRY_CAST(${sql} AS DOUBLE)`)],
  [
    'int',
    ({ sql, type }) => {
      if (type === 'boolean') return 'NULL';
      if (type !== 'string') return `trunc(${sql})`;
      return `CASE WHEN regexp_full_match(${sql}, '[+-]?[0-9]+') THEN TRY_CAST(${sql} AS DOUBLE) END`;
    },
  ],
]);

function comparison(value: Value, operator: string, setting: unknown, type: string): string | undefined {
  const wanted = settingValue(setting);
  const convert = type === '' ? ({ sql }: Value) => sql : CONVERSIONS.get(type);
  if (convert === undefined) return undefined;
  if (type === '' && !areComparable(value, wanted)) return 'false';
  if (type === 'bool' && operator !== '=' && operator !== '!=') return undefined;
  if ((type === 'int' || type === 'float') && !Number.isFinite(Number(setting))) return undefined;
  return `coalesce(${convert(value)} ${operator} ${convert(wanted)}, false)`;
}

function settingValue(setting: unknown): Value {
  if (typeof setting === 'number')
    return { sql: literal(setting), type: Number.isInteger(setting) ? 'integer' : 'float' };
  return typeof setting === 'boolean'
    ? { sql: literal(setting), type: 'boolean' }
    : { sql: literal(goText(setting)), type: 'string' };
}

/** A value as Go's `%v` prints it: NULL as `<nil>`. */
function printed(value: Value): string {
  return `coalesce(${printedSql(value)}, '<nil>')`;
}

function goText(value: unknown): string {
  return value === undefined || value === null ? '<nil>' : String(value);
}
