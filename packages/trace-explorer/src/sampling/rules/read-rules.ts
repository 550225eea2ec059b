import type { CollectorRules } from './collector.ts';
import { isCollector, readCollector, withDefaults } from './collector.ts';
import type { HeadRules } from './head.ts';
import { isHead, readHead } from './head.ts';
import type { RefineryRules } from './refinery.ts';
import { isRefinery, readRefinery } from './refinery.ts';
import { parseYaml, RulesError } from './section.ts';

/** Rules of one product, and what to read of the traffic for these rules. */
export type Rules = {
  readonly fields: ReadonlySet<string>;
  readonly flags: boolean;
  readonly sizes: boolean;
  /** What is not modelled, and what is assumed instead. */
  readonly notes: readonly string[];
} & (
  | { readonly product: 'collector'; readonly rules: CollectorRules }
  | { readonly product: 'refinery'; readonly rules: RefineryRules }
  | { readonly product: 'head'; readonly rules: HeadRules }
);

/**
 * Reads a rules file of any product: the Collector's configuration, Refinery's rules, or variables of an SDK.
 * @param environment Refinery's environment
 * @throws RulesError
 */
export function readRules(text: string, environment?: string): Rules {
  if (isHead(text)) {
    const fields = new Set(['trace.trace_state']);
    return { product: 'head', rules: readHead(text), fields, flags: false, sizes: false, notes: [] };
  }
  const file = parseYaml(withDefaults(text));
  if (isRefinery(file)) {
    const rules = readRefinery(file, environment);
    return {
      product: 'refinery',
      rules,
      fields: rules.fields,
      flags: false,
      sizes: false,
      notes: rules.notes,
    };
  }
  if (!isCollector(file))
    throw new RulesError(
      'The file has no processors of a Collector, no RulesVersion of Refinery, and no OTEL_TRACES_SAMPLER.',
    );
  const rules = readCollector(file);
  const { fields, notes } = rules;
  return { product: 'collector', rules, fields, flags: rules.needsFlags, sizes: rules.needsSizes, notes };
}
