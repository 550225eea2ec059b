import { decideCollector } from '../decide/collector.ts';
import type { Decisions } from '../decide/decisions.ts';
import { decideHead } from '../decide/head.ts';
import { decideRefinery } from '../decide/refinery.ts';
import type { Traffic } from '../traffic.ts';
import { readCollector, withDefaults } from './collector.ts';
import type { Fields } from './gathered.ts';
import { Gathered } from './gathered.ts';
import { readHead } from './head.ts';
import { readRefinery } from './refinery.ts';
import { parseYaml, RulesError } from './section.ts';

/** Orders to try where chance decides about the order. */
const ORDERS = [1, 2, 3, 4];

/** Decisions, and other ones that are as likely or as possible. */
export interface Decided {
  readonly decisions: Decisions;
  readonly others?: readonly Decisions[];
  /** Settings that are not modelled and matter to this traffic. */
  readonly notes?: readonly string[];
}

/** Rules of one product. */
export interface Rules {
  /** The name under which the report tells of the rules. */
  readonly name: string;
  readonly product: 'collector' | 'refinery' | 'head';
  /** Settings that are not modelled, and the assumptions. */
  readonly notes: ReadonlySet<string>;
  /** Decides about each trace. @param gate the Collector's feature gate usetracestate */
  decide(traffic: Traffic, gate: boolean): Promise<Decided>;
}

/** A rules file. */
export interface RulesFile {
  readonly name: string;
  readonly text: string;
  /** Refinery's environment. */
  readonly environment?: string | undefined;
}

/**
 * Reads a rules file of any product: the Collector's configuration, Refinery's rules, or variables of an SDK.
 * @throws RulesError that names the file
 */
export function readRules(file: RulesFile, fields: Fields): Rules {
  const gathered = new Gathered(fields);
  try {
    return { name: file.name, notes: gathered.notes, ...readProduct(file, gathered) };
  } catch (error) {
    throw error instanceof RulesError ? new RulesError(`${file.name}: ${error.message}`) : error;
  }
}

function readProduct(
  { text, environment }: RulesFile,
  gathered: Gathered,
): Pick<Rules, 'product' | 'decide'> {
  const head = readHead(text);
  if (head !== undefined) {
    const state = gathered.askState();
    return {
      product: 'head',
      decide: async (traffic) => ({
        decisions: decideHead(traffic, (await traffic.ask(gathered))[state] ?? [], head),
      }),
    };
  }
  const file = parseYaml(withDefaults(text));
  if (file.has('RulesVersion') || file.has('Samplers')) {
    const sampler = readRefinery(file, gathered, environment);
    return {
      product: 'refinery',
      decide: async (traffic) => ({
        decisions: await decideRefinery(traffic, await traffic.ask(gathered), sampler),
      }),
    };
  }
  if (!file.has('processors'))
    throw new RulesError(
      'The file has no processors of a Collector, no RulesVersion of Refinery, and no OTEL_TRACES_SAMPLER.',
    );
  const rules = readCollector(file, gathered);
  return {
    product: 'collector',
    async decide(traffic, gate) {
      const values = await traffic.ask(gathered);
      const run = (assume: boolean, order = 0) =>
        decideCollector(traffic, values, rules, { gate, assume, order });
      const decisions = await run(false);
      const others = gathered.isBounded ? [await run(true)] : [];
      if (rules.policies.some(({ isLimited }) => isLimited))
        for (const order of ORDERS) others.push(await run(false, order));
      const isFull = traffic.traceIds.length > rules.traces;
      const note =
        'num_traces: not modelled. There are more traces; all that wait at once are taken to fit into the memory.';
      return { decisions, others, notes: isFull ? [note] : [] };
    },
  };
}
