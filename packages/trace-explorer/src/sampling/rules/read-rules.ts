import type { CollectorRules } from '../decide/collector.ts';
import { decideCollector } from '../decide/collector.ts';
import type { Decisions } from '../decide/decisions.ts';
import { decideHead } from '../decide/head.ts';
import { decideRefinery } from '../decide/refinery.ts';
import type { Recording } from '../recording.ts';
import { Gathered, readCollector, withDefaults } from './collector.ts';
import { readHead } from './head.ts';
import { readRefinery } from './refinery.ts';
import { parseYaml, RulesError } from './section.ts';

/** Orders that are tried where chance decides about the order. */
const ORDERS = [1, 2, 3, 4];

/** Decisions, and other ones that are as likely or as possible. */
export interface Decided {
  readonly decisions: Decisions;
  readonly others?: readonly Decisions[];
  /** What is not modelled and matters to this traffic. */
  readonly notes?: readonly string[];
}

/** Rules of one product, and what to read of the traffic for these rules. */
export interface Rules {
  readonly product: 'collector' | 'refinery' | 'head';
  readonly fields: ReadonlySet<string>;
  readonly flags: boolean;
  readonly sizes: boolean;
  /** What is not modelled, and what is assumed instead. */
  readonly notes: ReadonlySet<string>;
  /** Decides about each trace. @param gate the Collector's feature gate usetracestate */
  decide(recording: Recording, gate: boolean): Promise<Decided>;
}

/**
 * Reads a rules file of any product: the Collector's configuration, Refinery's rules, or variables of an SDK.
 * @param environment Refinery's environment
 * @throws RulesError
 */
export function readRules(text: string, environment?: string): Rules {
  const gathered = new Gathered();
  const head = readHead(text);
  if (head !== undefined) {
    gathered.fields.add('trace.trace_state');
    return {
      ...gathered,
      product: 'head',
      decide: async (recording) => ({ decisions: decideHead(recording, head) }),
    };
  }
  const file = parseYaml(withDefaults(text));
  if (file.has('RulesVersion') || file.has('Samplers')) {
    const sampler = readRefinery(file, gathered, environment);
    return {
      ...gathered,
      product: 'refinery',
      decide: async (recording) => ({ decisions: await decideRefinery(recording, sampler) }),
    };
  }
  if (!file.has('processors'))
    throw new RulesError(
      'The file has no processors of a Collector, no RulesVersion of Refinery, and no OTEL_TRACES_SAMPLER.',
    );
  const rules = readCollector(file, gathered);
  const { isBounded } = gathered;
  return {
    ...gathered,
    product: 'collector',
    decide: (recording, gate) => decideInOrders(recording, rules, { gate, isBounded }),
  };
}

async function decideInOrders(
  recording: Recording,
  rules: CollectorRules,
  { gate, isBounded }: { readonly gate: boolean; readonly isBounded: boolean },
): Promise<Decided> {
  const run = (assume: boolean, order = 0) => decideCollector(recording, rules, { gate, assume, order });
  const decisions = await run(false);
  const others = isBounded ? [await run(true)] : [];
  if (rules.policies.some(({ isLimited }) => isLimited))
    for (const order of ORDERS) others.push(await run(false, order));
  const isFull = recording.traceIds.length > rules.traces;
  const note =
    'num_traces: not modelled. There are more traces; all that wait at once are taken to fit into the memory.';
  return { decisions, others, notes: isFull ? [note] : [] };
}
