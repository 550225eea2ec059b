import { createHash } from 'node:crypto';
import { turns } from '../../shared/turns.ts';
import type { DynamicSpec, RefineryRules, RulesSpec, SamplerSpec } from '../rules/refinery.ts';
import type { Traffic, Values } from '../traffic.ts';
import type { Decisions } from './decisions.ts';
import { byTime, noDecisions } from './decisions.ts';
import type { DynamicSampler } from './dynamic-samplers.ts';
import { dynamicSampler } from './dynamic-samplers.ts';

/** Refinery's salt, with which it hashes trace ids. */
const SALT = '5VQ8l2jE5aJLPVqk';
const MAX_UINT32 = 0xffff_ffff;

/** A sampler's answer for a trace. Refinery keeps the trace with a probability of 1 / rate, unless `kept` says otherwise. */
interface Answer {
  readonly rate: number;
  readonly kept: number;
  readonly reason: string;
  readonly key: string;
}

/** @param trace its number. @param now milliseconds since the clock's start */
type Decide = (trace: number, now: number) => Answer;

/** Decides about each trace at the end of its last span, as Refinery 3.2 does on one node. */
export async function decideRefinery(
  { traceIds }: Traffic,
  values: Values,
  { sampler, end, rows }: RefineryRules,
): Promise<Decisions> {
  const decisions = noDecisions(traceIds.length, true);
  const value = (place: number, trace: number) => values[place]?.[trace];
  const shared = new Map<string, DynamicSampler>();

  const deterministic = (rate: number): Decide => {
    const largest = Math.floor(MAX_UINT32 / rate);
    const reason = rate <= 1 ? 'deterministic/always' : 'deterministic/chance';
    const hashOf = (id: string) =>
      createHash('sha1')
        .update(id + SALT)
        .digest()
        .readUInt32BE();
    return (trace) => {
      const isKept = rate <= 1 || hashOf(traceIds[trace] ?? '') <= largest;
      return { rate, kept: isKept ? 1 : 0, reason, key: '' };
    };
  };
  const dynamic = (spec: DynamicSpec): Decide => {
    // Samplers with equal goals and fields count together.
    const name = JSON.stringify([spec.type, spec.goal, spec.fields]);
    const made = shared.get(name) ?? dynamicSampler(spec);
    shared.set(name, made);
    return (trace, now) => {
      const key = String(value(spec.key, trace));
      const rate = Math.max(1, made.rate(key, Number(value(rows, trace)), now));
      return { rate, kept: 1 / rate, reason: spec.type, key };
    };
  };
  const rulesBased = ({ rules, match }: RulesSpec): Decide => {
    const made = rules.map((rule) => ({ ...rule, decide: rule.sampler && make(rule.sampler) }));
    return (trace, now) => {
      const rule = made[Number(value(match, trace))];
      if (rule === undefined) return { rate: 1, kept: 1, reason: 'no rule matched', key: '' };
      const { reason, rate, drop } = rule;
      const answer = rule.decide?.(trace, now);
      if (answer !== undefined) return { ...answer, reason: `${reason}:${answer.reason}` };
      return { rate, kept: drop || rate < 1 ? 0 : 1 / rate, reason, key: '' };
    };
  };
  const make = (spec: SamplerSpec): Decide =>
    spec.type === 'deterministic'
      ? deterministic(spec.rate)
      : spec.type === 'rules'
        ? rulesBased(spec)
        : dynamic(spec);

  const decide = make(sampler);
  const endOf = (trace: number) => Number(value(end, trace));
  const turn = turns();
  for (const trace of byTime(traceIds.length, endOf)) {
    await turn();
    const { rate, kept, reason, key } = decide(trace, endOf(trace) / 1e6);
    decisions.kept[trace] = kept;
    decisions.rate[trace] = rate;
    decisions.rule[trace] = reason;
    decisions.key[trace] = key;
  }
  return decisions;
}
