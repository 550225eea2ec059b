import { createHash } from 'node:crypto';
import { turns } from '../../shared/turns.ts';
import type { Recording, Value } from '../recording.ts';
import type { ConditionSpec, DynamicSpec, RuleSpec, SamplerSpec } from '../rules/refinery.ts';
import { bare } from '../rules/refinery.ts';
import type { Decisions } from './decisions.ts';
import { noDecisions } from './decisions.ts';
import { dynamicSampler } from './dynamic-samplers.ts';
import { traceKeys } from './trace-key.ts';

/** Refinery's salt, with which it hashes trace ids. */
const SALT = '5VQ8l2jE5aJLPVqk';
const MAX_UINT32 = 0xffff_ffff;

/** What a sampler says of a trace. Refinery keeps it with a probability of 1 / rate, unless `kept` says otherwise. */
interface Answer {
  readonly rate: number;
  readonly kept: number;
  readonly reason: string;
  readonly key: string;
}

interface Trace {
  readonly id: string;
  readonly rows: Int32Array;
  readonly root: number | undefined;
  /** Milliseconds since the clock's start. */
  readonly now: number;
}

type Decide = (trace: Trace) => Answer;

/** Decides about each trace at the end of its last span, as Refinery 3.2 does on one node. */
export async function decideRefinery(recording: Recording, sampler: SamplerSpec): Promise<Decisions> {
  const decisions = noDecisions(recording.traceIds.length, true);
  const { arrival, root } = recording.rows;
  const endOf = (trace: number) => arrival[recording.rowsOf(trace).at(-1) ?? 0] ?? 0;
  const decide = makeSampler(sampler, recording, new Map());
  const turn = turns();
  for (const trace of recording.inOrder(endOf)) {
    await turn();
    const rows = recording.rowsOf(trace);
    const { rate, kept, reason, key } = decide({
      id: recording.traceIds[trace] ?? '',
      rows,
      root: rows.findLast((row) => root[row] === 1),
      now: endOf(trace) / 1e6,
    });
    decisions.kept[trace] = kept;
    decisions.rate[trace] = rate;
    decisions.rule[trace] = reason;
    decisions.key[trace] = key;
  }
  return decisions;
}

function makeSampler(spec: SamplerSpec, recording: Recording, shared: Map<string, Decide>): Decide {
  switch (spec.type) {
    case 'deterministic':
      return deterministic(spec.rate);
    case 'rules':
      return rulesBased(spec.rules, recording, shared);
    default: {
      // Samplers with equal goals and fields count together.
      const name = JSON.stringify([spec.type, spec.goal, spec.fields.toSorted()]);
      const made = shared.get(name) ?? dynamic(spec, recording);
      shared.set(name, made);
      return made;
    }
  }
}

function deterministic(rate: number): Decide {
  const largest = Math.floor(MAX_UINT32 / rate);
  const reason = rate <= 1 ? 'deterministic/always' : 'deterministic/chance';
  return ({ id }) => {
    const isKept =
      rate <= 1 ||
      createHash('sha1')
        .update(id + SALT)
        .digest()
        .readUInt32BE() <= largest;
    return { rate, kept: isKept ? 1 : 0, reason, key: '' };
  };
}

function dynamic(spec: DynamicSpec, recording: Recording): Decide {
  const keyOf = traceKeys(spec, recording);
  const sampler = dynamicSampler(spec);
  return ({ rows, root, now }) => {
    const key = keyOf(rows, root);
    const rate = Math.max(1, sampler.rate(key, rows.length, now));
    return { rate, kept: 1 / rate, reason: spec.type, key };
  };
}

function rulesBased(rules: readonly RuleSpec[], recording: Recording, shared: Map<string, Decide>): Decide {
  const made = rules.map((rule) => ({
    ...rule,
    matches: matcher(rule, recording),
    decide: rule.sampler && makeSampler(rule.sampler, recording, shared),
  }));
  return (trace) => {
    for (const { name, rate, drop, scope, matches, decide } of made) {
      if (!matches(trace)) continue;
      const reason = `rules/${scope === 'span' || scope === 'trace' ? scope : 'invalid scope'}/${name}`;
      const answer = decide?.(trace);
      if (answer !== undefined) return { ...answer, reason: `${reason}:${answer.reason}` };
      return { rate, kept: drop || rate < 1 ? 0 : 1 / rate, reason, key: '' };
    }
    return { rate: 1, kept: 1, reason: 'no rule matched', key: '' };
  };
}

function matcher({ conditions, scope }: RuleSpec, recording: Recording): (trace: Trace) => boolean {
  if (conditions.length === 0 || (scope !== 'span' && scope !== 'trace')) return () => true;
  const tests = conditions.map((each) => conditionOf(each, recording));
  if (scope === 'span') return (trace) => trace.rows.some((row) => tests.every((test) => test(trace, row)));
  return (trace) =>
    tests.every((test, at) => {
      const { operator, value } = conditions[at] as ConditionSpec;
      if (operator === 'has-root-span')
        return (trace.root !== undefined) === (String(value).toLowerCase() === 'true' || value === 1);
      return trace.rows.some((row) => test(trace, row));
    });
}

/** The test of a condition on one row: the first of its fields that the row, or the root span, has. */
function conditionOf(
  { fields, fulfils }: ConditionSpec,
  recording: Recording,
): (trace: Trace, row: number) => boolean {
  if (fields.length === 1 && fields[0]?.startsWith('?.'))
    return fields[0] === '?.NUM_DESCENDANTS' ? ({ rows }) => fulfils(rows.length) : () => fulfils(undefined);
  const reads = fields.map((field) => ({
    isRoot: bare(field) !== field,
    read: recording.reader(bare(field)),
  }));
  return ({ root }, row) => {
    let value: Value | undefined;
    for (const { isRoot, read } of reads) {
      const of = isRoot ? root : row;
      value = of === undefined ? undefined : read(of);
      if (value !== undefined) break;
    }
    return fulfils(value);
  };
}
