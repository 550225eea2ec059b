import type { ReadOptions } from '../../../../core/store/store.ts';
import type { Sampler } from '../decide/decisions.ts';
import { decide } from '../decide/decisions.ts';
import type { Traffic } from '../traffic.ts';
import { readCollector, withDefaults } from './collector.ts';
import type { Fields } from './gathered.ts';
import { Gathered } from './gathered.ts';
import { readHead } from './head.ts';
import { readRefinery } from './refinery.ts';
import { MOST_CHARACTERS, parseYaml, RulesError } from './section.ts';

/** Orders to try where chance decides about the order. */
const ORDERS = [1, 2, 3, 4];

/** Rules of one product. */
export type Rules = ReturnType<typeof readRules>;

/** A rules file. */
interface RulesFile {
  readonly name: string;
  readonly text: string;
  /** Refinery's environment. */
  readonly environment?: string | undefined;
}

/**
 * Reads a rules file of any product: the Collector's configuration, Refinery's rules, or variables of an SDK.
 * @throws RulesError that names the file
 */
export function readRules(file: RulesFile, fields: Fields) {
  const gathered = new Gathered(fields);
  const sampler = readSampler(file, gathered);
  const { notes } = gathered;
  return {
    /** The name under which the report tells of the rules. */
    name: file.name,
    product: sampler.product,
    /** Settings that are not modelled, and the assumptions. */
    notes: notes as ReadonlySet<string>,
    /**
     * Decides about each trace. @param gate the Collector's feature gate usetracestate
     * @returns also other decisions, which are as likely or as possible
     */
    async decide(traffic: Traffic, gate: boolean, limits: ReadOptions = {}) {
      const values = await traffic.ask(gathered);
      const run = (assume: boolean, order = 0) =>
        decide(traffic, values, sampler, { gate, assume, order }, limits);
      const decisions = await run(false);
      const others = gathered.isBounded ? [await run(true)] : [];
      if (gathered.isLimited) for (const order of ORDERS) others.push(await run(false, order));
      if (traffic.traceIds.length > (sampler.memory ?? Number.POSITIVE_INFINITY))
        notes.add(
          'num_traces: not modelled. There are more traces; all that wait at once are taken to fit into the memory.',
        );
      return { decisions, others };
    },
  };
}

function readSampler({ name, text, environment }: RulesFile, gathered: Gathered): Sampler {
  try {
    if (text.length > MOST_CHARACTERS)
      throw new RulesError(
        `The file has more than ${MOST_CHARACTERS} characters, so it is not a rules file.`,
      );
    const head = readHead(text, gathered);
    if (head !== undefined) return head;
    const file = parseYaml(withDefaults(text));
    if (file.has('RulesVersion') || file.has('Samplers')) return readRefinery(file, gathered, environment);
    // Documents show the processor alone.
    const sampler = readCollector(file.has('processors') ? file.section('processors') : file, gathered);
    if (sampler !== undefined) return sampler;
  } catch (error) {
    throw error instanceof RulesError ? new RulesError(`${name}: ${error.message}`) : error;
  }
  throw new RulesError(
    `${name}: The file has no tail_sampling of a Collector, no RulesVersion of Refinery, and no OTEL_TRACES_SAMPLER.`,
  );
}
