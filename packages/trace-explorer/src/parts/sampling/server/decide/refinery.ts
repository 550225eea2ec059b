import { createHash } from 'node:crypto';
import { getOrMake } from '../../../../lib/get-or-make.ts';
import type { Deciding, Decision } from './decisions.ts';
import type { DynamicSpec, RateOf } from './dynamic-samplers.ts';
import { dynamicSampler } from './dynamic-samplers.ts';

/** Refinery's salt, with which it hashes trace ids. */
const SALT = '5VQ8l2jE5aJLPVqk';
const MAX_UINT32 = 0xffff_ffff;

/** A run, and its dynamic samplers by name. */
export interface RefineryRun extends Deciding {
  readonly counting: Map<string, RateOf>;
}

/**
 * Begins a sampler of Refinery 3.2 on one node, which decides about a trace. Refinery keeps it with a probability of 1 / rate.
 */
export type Start = (run: RefineryRun) => (trace: number, now: number) => Decision;

/** A rule, as Refinery names it. */
export interface Rule {
  readonly reason: string;
  readonly rate: number;
  readonly drop: boolean;
  readonly sampler: Start | undefined;
}

/** One of `rate` trace ids, by their hash. */
export function deterministic(rate: number): Start {
  const largest = Math.floor(MAX_UINT32 / rate);
  const rule = rate <= 1 ? 'deterministic/always' : 'deterministic/chance';
  const hashOf = (id: string) =>
    createHash('sha1')
      .update(id + SALT)
      .digest()
      .readUInt32BE();
  return ({ traceIds }) =>
    (trace) => {
      const isKept = rate <= 1 || hashOf(traceIds[trace] ?? '') <= largest;
      return { kept: Number(isKept), rate, rule };
    };
}

/**
 * The rate of a trace's key. Samplers with equal goals and fields count together. The key and the number of a trace's rows stand
 * at these indexes among the values.
 */
export function dynamic(spec: DynamicSpec, keys: number, counts: number): Start {
  const name = JSON.stringify([spec.type, spec.goal, spec.fields]);
  return ({ values, counting }) => {
    const rateOf = getOrMake(counting, name, () => dynamicSampler(spec));
    return (trace, now) => {
      const key = String(values[keys]?.[trace]);
      const rows = Number(values[counts]?.[trace]);
      const rate = Math.max(1, rateOf(key, rows, now / 1e6));
      return { kept: 1 / rate, rate, rule: spec.type, key };
    };
  };
}

/** @param match the index among the values of the number of the first rule that a trace matches; -1 for none */
export function rulesBased(rules: readonly Rule[], match: number): Start {
  return (run) => {
    const started = rules.map((rule) => ({ ...rule, decide: rule.sampler?.(run) }));
    return (trace, now) => {
      const rule = started[Number(run.values[match]?.[trace])];
      if (rule === undefined) return { kept: 1, rate: 1, rule: 'no rule matched' };
      const { reason, rate, drop } = rule;
      const answer = rule.decide?.(trace, now);
      if (answer !== undefined) return { ...answer, rule: `${reason}:${answer.rule}` };
      return { kept: drop || rate < 1 ? 0 : 1 / rate, rate, rule: reason };
    };
  };
}
