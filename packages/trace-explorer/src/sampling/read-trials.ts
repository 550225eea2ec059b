import type { Rules } from './rules/read-rules.ts';
import { readRules } from './rules/read-rules.ts';
import { RulesError } from './rules/section.ts';
import { collectorFile } from './write-rules.ts';

/** What somebody asks for: files, or what to keep, or a budget. */
export interface Asked {
  readonly rules: readonly { readonly name: string; readonly text: string }[];
  readonly environment?: string;
  readonly tracestate?: boolean;
  readonly keep?: number;
  readonly errors?: boolean;
  readonly slower_ms?: number;
  readonly suggest?: number;
}

/** Rules with the name under which the report tells of them. */
export type NamedRules = Rules & { readonly name: string };

/** The rules to try. @throws RulesError that names the file */
export function readTrials({
  rules,
  environment,
  tracestate = false,
  keep,
  errors = false,
  slower_ms,
  suggest,
}: Asked) {
  const named = rules.map(({ name, text }) => readNamed(name, text, environment));
  const isPlain = suggest === undefined && (keep !== undefined || errors || slower_ms !== undefined);
  if (isPlain) {
    const words = [`keep ${keep ?? 0} %`, errors && 'errors', slower_ms && `slower than ${slower_ms} ms`];
    const plan = { errors, slowerMs: slower_ms, groups: [], restPercent: keep ?? 0 };
    named.push(readNamed(words.filter(Boolean).join(', '), collectorFile(plan)));
  }
  if (named.length === 0 && suggest === undefined)
    throw new RulesError(
      'There is nothing to try. Name rules, or say what to keep, or a number of events a month.',
    );
  return { rules: named, gate: tracestate, suggest, slowerMs: slower_ms };
}

/** Reads rules. @throws RulesError that names the file */
export function readNamed(name: string, text: string, environment?: string): NamedRules {
  try {
    return { ...readRules(text, environment), name };
  } catch (error) {
    throw error instanceof RulesError ? new RulesError(`${name}: ${error.message}`) : error;
  }
}
