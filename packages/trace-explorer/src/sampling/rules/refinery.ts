import type { Value } from '../recording.ts';
import type { Gathered as All } from './collector.ts';
import { COMPARISONS, regexOf } from './operators.ts';
import type { Section } from './section.ts';

/** A sampler of Refinery's rules file, version 2. */
export type SamplerSpec =
  | { readonly type: 'deterministic'; readonly rate: number }
  | DynamicSpec
  | { readonly type: 'rules'; readonly rules: readonly RuleSpec[] };

/** A sampler that counts traces by a key. */
export interface DynamicSpec {
  readonly type: 'dynamic' | 'emadynamic' | 'emathroughput' | 'windowedthroughput' | 'totalthroughput';
  /** The rate or the events per second to reach. */
  readonly goal: number;
  readonly fields: readonly string[];
  readonly useLength: boolean;
  readonly everyMs: number;
  readonly lookbackMs: number;
  readonly mostKeys: number;
  readonly firstRate: number;
  readonly weight: number;
  readonly ageOut: number;
  readonly burstMultiple: number;
  readonly burstDelay: number;
}

export interface RuleSpec {
  readonly name: string;
  readonly scope: string;
  readonly rate: number;
  readonly drop: boolean;
  readonly conditions: readonly ConditionSpec[];
  readonly sampler: Exclude<SamplerSpec, { readonly type: 'rules' }> | undefined;
}

export interface ConditionSpec {
  readonly fields: readonly string[];
  readonly operator: string;
  readonly value: unknown;
  /** Whether a value, undefined for none, fulfils the condition. */
  readonly fulfils: (value: Value | undefined) => boolean;
}

const DEFAULT_ENVIRONMENT = '__default__';
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
): SamplerSpec {
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
  return readSampler(samplers.section(name), gathered, true);
}

type Gathered = Pick<All, 'fields' | 'notes'>;

function readSampler(section: Section, gathered: Gathered, canHaveRules: boolean): SamplerSpec {
  const [name = '', ...more] = section.keys;
  if (more.length > 0) section.fail(`name one sampler, not ${section.keys.length}.`);
  const own = section.section(name);
  if (name === 'RulesBasedSampler' && canHaveRules) {
    if (own.flag('CheckNestedFields'))
      gathered.notes.add('CheckNestedFields: not modelled. Fields within JSON texts are not found.');
    const rules = own.sections('Rules').map((each) => readRule(each, gathered));
    own.close();
    return { type: 'rules', rules };
  }
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

function readDynamic(own: Section, type: DynamicSpec['type'], { fields, notes }: Gathered): DynamicSpec {
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
    notes.add('UseClusterSize: not modelled. One node is assumed.');
  const spec: DynamicSpec = {
    type,
    goal: own.integer(goalKey, 0) || (isThroughput ? 100 : 10),
    fields: own.texts('FieldList'),
    useLength: own.flag('UseTraceLength'),
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
  for (const field of spec.fields) fields.add(bare(field));
  return spec;
}

function readRule(section: Section, gathered: Gathered): RuleSpec {
  const sampler = section.has('Sampler')
    ? readSampler(section.section('Sampler'), gathered, false)
    : undefined;
  const rule: RuleSpec = {
    name: section.text('Name', ''),
    scope: section.text('Scope', 'trace'),
    rate: section.integer('SampleRate', 0),
    drop: section.flag('Drop'),
    conditions: section.sections('Conditions').map((each) => readCondition(each, gathered.fields)),
    sampler: sampler?.type === 'rules' ? undefined : sampler,
  };
  section.close();
  return rule;
}

function readCondition(section: Section, gathered: Set<string>): ConditionSpec {
  const field = section.text('Field', '');
  const fields = section.texts('Fields');
  if (field !== '' && fields.length > 0) section.fail('name Field or Fields, not both.');
  const operator = section.text('Operator');
  const value = section.value('Value');
  const type = section.text('Datatype', '');
  section.close();
  const all = field === '' ? fields : [field];
  for (const each of all) gathered.add(bare(each));
  const fulfils =
    testOf(operator, value, type) ??
    section.fail(`Operator ${operator}, Datatype ${type || 'none'} and the Value do not fit.`);
  return { fields: all, operator, value, fulfils };
}

/** A field without the prefix that names the root span. */
export function bare(field: string): string {
  return field.startsWith('root.') ? field.slice('root.'.length) : field;
}

type Fulfils = ConditionSpec['fulfils'];

/** The test of an operator, as Refinery 3.2 converts values. Undefined for a value that Refinery refuses. */
function testOf(operator: string, given: unknown, type: string): Fulfils | undefined {
  const text = goText(given);
  const holds = COMPARISONS.get(operator);
  if (holds !== undefined) return comparison(operator, holds, given, type);
  switch (operator) {
    case 'exists':
      return (value) => value !== undefined;
    case 'not-exists':
      return (value) => value === undefined;
    case 'has-root-span':
      return () => false;
    case 'starts-with':
      return (value) => goText(value).startsWith(text);
    case 'contains':
      return (value) => goText(value).includes(text);
    case 'does-not-contain':
      return (value) => !goText(value).includes(text);
    case 'matches': {
      const pattern = regexOf(text);
      return pattern && ((value) => pattern.test(goText(value)));
    }
    case 'in':
    case 'not-in': {
      const convert = type === 'int' ? toInteger : type === 'float' ? toFloat : goText;
      if (type === 'bool') return undefined;
      const values = new Set((Array.isArray(given) ? given : [given]).map((each) => convert(each)));
      values.delete(undefined);
      const isIn: Fulfils = (value) => values.has(convert(value));
      return operator === 'in' ? isIn : (value) => !isIn(value);
    }
    default:
      return undefined;
  }
}

function comparison(
  operator: string,
  holds: (order: number) => boolean,
  given: unknown,
  type: string,
): Fulfils | undefined {
  if (type === 'string') {
    const text = goText(given);
    return (value) => holds(orderOf(goText(value), text));
  }
  if (type === 'int' || type === 'float') {
    const convert = type === 'int' ? toInteger : toFloat;
    const number = convert(given);
    if (number === undefined) return undefined;
    return (value) => {
      const own = value === undefined ? undefined : convert(value);
      return own !== undefined && holds(orderOf(own, number));
    };
  }
  if (type === 'bool') {
    if (operator !== '=' && operator !== '!=') return undefined;
    const flag = toBoolean(given);
    return (value) => value !== undefined && holds(orderOf(Number(toBoolean(value)), Number(flag)));
  }
  if (type !== '') return undefined;
  return (value) => {
    if (value === undefined) return false;
    const own = typeof value === 'bigint' ? Number(value) : value;
    return typeof own === typeof given && holds(orderOf(own, given as typeof own));
  };
}

function orderOf<T extends string | number | boolean>(a: T, b: T): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function toInteger(value: unknown): number | undefined {
  if (typeof value === 'number' || typeof value === 'bigint') return Math.trunc(Number(value));
  return typeof value === 'string' && /^[+-]?\d+$/u.test(value) ? Number(value) : undefined;
}

function toFloat(value: unknown): number | undefined {
  if (typeof value === 'number' || typeof value === 'bigint') return Number(value);
  if (typeof value !== 'string' || value.trim() !== value || value === '') return undefined;
  const number = Number(value);
  return Number.isNaN(number) ? undefined : number;
}

function toBoolean(value: unknown): boolean {
  return ['1', 't', 'T', 'true', 'TRUE', 'True'].includes(goText(value));
}

/** A value as Go's `%v` prints it. */
export function goText(value: unknown): string {
  if (value === undefined || value === null) return '<nil>';
  if (typeof value !== 'number') return String(value);
  const isSmall = value !== 0 && Math.abs(value) < 1e-4;
  const text = isSmall ? value.toExponential() : String(value);
  return text.replace(/e([+-])(\d)$/u, 'e$10$2');
}
