import type { Gathered } from './gathered.ts';
import { plainText, readCondition, refineryField } from './refinery-conditions.ts';
import type { Section } from './section.ts';

/** A sampler of Refinery's rules file, version 2. */
export type SamplerSpec = { readonly type: 'deterministic'; readonly rate: number } | DynamicSpec | RulesSpec;

/** A sampler that counts traces by a key. */
export interface DynamicSpec {
  readonly type: 'dynamic' | 'emadynamic' | 'emathroughput' | 'windowedthroughput' | 'totalthroughput';
  /** The rate or the events per second to reach. */
  readonly goal: number;
  readonly fields: readonly string[];
  /** The index of a trace's key among the values. */
  readonly key: number;
  readonly everyMs: number;
  readonly lookbackMs: number;
  readonly mostKeys: number;
  readonly firstRate: number;
  readonly weight: number;
  readonly ageOut: number;
  readonly burstMultiple: number;
  readonly burstDelay: number;
}

export interface RulesSpec {
  readonly type: 'rules';
  readonly rules: readonly RuleSpec[];
  /** The index among the values of the number of the first rule that a trace matches; -1 for none. */
  readonly match: number;
}

interface RuleSpec {
  /** How Refinery names the rule. */
  readonly reason: string;
  readonly rate: number;
  readonly drop: boolean;
  readonly sampler: Exclude<SamplerSpec, RulesSpec> | undefined;
}

/** The part of a rules file about one environment. */
export interface RefineryRules {
  readonly sampler: SamplerSpec;
  /** The indexes among the values of the end of a trace, and of the number of its rows. */
  readonly end: number;
  readonly rows: number;
}

const DEFAULT_ENVIRONMENT = '__default__';
/** Values of a key. Refinery looks for no more. */
const MOST_VALUES = 100;
const TYPES: Readonly<Record<string, DynamicSpec['type']>> = {
  DynamicSampler: 'dynamic',
  EMADynamicSampler: 'emadynamic',
  EMAThroughputSampler: 'emathroughput',
  WindowedThroughputSampler: 'windowedthroughput',
  TotalThroughputSampler: 'totalthroughput',
};

/** Reads the sampler of an environment, else `__default__`. @throws RulesError */
export function readRefinery(
  file: Section,
  gathered: Gathered,
  environment = DEFAULT_ENVIRONMENT,
): RefineryRules {
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
  return {
    sampler: section.has('RulesBasedSampler')
      ? readRulesBased(section.section('RulesBasedSampler'), gathered)
      : readSampler(section, gathered),
    end: gathered.ask('max(t_end)'),
    rows: gathered.ask('count(*)'),
  };
}

function readRulesBased(own: Section, gathered: Gathered): RulesSpec {
  if (own.flag('CheckNestedFields'))
    gathered.notes.add('CheckNestedFields: not modelled. Fields within JSON texts are not found.');
  const rules = own.sections('Rules').map((each) => readRule(each, gathered));
  own.close();
  const cases = rules.map(({ matches }, at) => `WHEN ${matches} THEN ${at}`);
  const match = gathered.ask(`CASE ${cases.join(' ')} WHEN true THEN -1 END`);
  return { type: 'rules', rules, match };
}

function readSampler(section: Section, gathered: Gathered): Exclude<SamplerSpec, RulesSpec> {
  const [name = '', ...more] = section.keys;
  if (more.length > 0) section.fail(`name one sampler, not ${section.keys.length}.`);
  const own = section.section(name);
  if (name === 'DeterministicSampler') {
    const rate = own.integer('SampleRate', 1);
    if (rate < 1) own.fail('SampleRate must be at least 1.');
    own.close();
    return { type: 'deterministic', rate };
  }
  const type = Object.hasOwn(TYPES, name) ? TYPES[name] : undefined;
  if (type === undefined) section.fail(`${JSON.stringify(name)} is not a sampler of Refinery.`);
  return readDynamic(own, type, gathered);
}

function readDynamic(own: Section, type: DynamicSpec['type'], gathered: Gathered): DynamicSpec {
  const isThroughput = type.endsWith('throughput');
  const goalKey =
    type === 'dynamic' ? 'SampleRate' : isThroughput ? 'GoalThroughputPerSec' : 'GoalSampleRate';
  const isWindowed = type === 'windowedthroughput';
  const isEma = type.startsWith('ema');
  const everyKey = isWindowed ? 'UpdateFrequency' : isEma ? 'AdjustmentInterval' : 'ClearFrequency';
  const everyMs = own.duration(everyKey, 0) || (isWindowed ? 1000 : isEma ? 15_000 : 30_000);
  const lookbackMs = (isWindowed && own.duration('LookbackFrequency', 0)) || 30 * everyMs;
  const weight = (isEma && own.number('Weight', 0)) || 0.5;
  if (isThroughput && own.flag('UseClusterSize'))
    gathered.notes.add('UseClusterSize: not modelled. One node is assumed.');
  const fields = own.texts('FieldList').toSorted();
  const spec: DynamicSpec = {
    type,
    goal: own.integer(goalKey, 0) || (isThroughput ? 100 : 10),
    fields,
    key: gathered.ask(keySql(fields, own.flag('UseTraceLength'), gathered)),
    everyMs,
    lookbackMs: everyMs * Math.trunc(lookbackMs / everyMs),
    mostKeys: own.integer('MaxKeys', 0) || 500,
    firstRate: (type === 'emathroughput' && own.integer('InitialSampleRate', 0)) || 10,
    weight,
    ageOut: (isEma && own.number('AgeOutValue', 0)) || weight,
    burstMultiple: (isEma && own.number('BurstMultiple', 0)) || 2,
    burstDelay: (isEma && own.integer('BurstDetectionDelay', 0)) || 3,
  };
  own.close();
  if (spec.goal < 1) own.fail(`${goalKey} must be at least 1.`);
  return spec;
}

/** The key of a trace: the values of the fields in all rows, then the values of the root span. */
function keySql(fields: readonly string[], useLength: boolean, gathered: Gathered): string {
  const [ofRoot = [], ofRows = []] = [true, false].map((isOfRoot) =>
    fields
      .filter((name) => name.startsWith('root.') === isOfRoot)
      .map((name) => plainText(refineryField(name, gathered))),
  );
  const values = (text: string) => `list_sort(list(DISTINCT ${text}) FILTER (${text} IS NOT NULL))`;
  return [
    "''",
    ...ofRows.map((text) => `coalesce(array_to_string(${values(text)}[:${MOST_VALUES}], '•') || '•,', '')`),
    ...ofRoot.map((text) => `coalesce(any_value(${text}) || ',', '')`),
    ...(useLength ? ['count(*)'] : []),
  ].join(' || ');
}

function readRule(section: Section, gathered: Gathered): RuleSpec & { readonly matches: string } {
  const scope = section.text('Scope', 'trace');
  const isKnown = scope === 'span' || scope === 'trace';
  const conditions = section.sections('Conditions').map((each) => readCondition(each, scope, gathered));
  const any = (condition: string) => `coalesce(bool_or(${condition}), false)`;
  const rule = {
    reason: `rules/${isKnown ? scope : 'invalid scope'}/${section.text('Name', '')}`,
    rate: section.integer('SampleRate', 0),
    drop: section.flag('Drop'),
    sampler: section.has('Sampler') ? readSampler(section.section('Sampler'), gathered) : undefined,
    matches:
      conditions.length === 0 || !isKnown
        ? 'true'
        : scope === 'span'
          ? any(conditions.join(' AND '))
          : conditions.map(any).join(' AND '),
  };
  section.close();
  return rule;
}
