import { readBySchema } from '../query/parse/read-by-schema.ts';
import type { Ask } from '../shared/ask.ts';
import type { Outcome } from './evaluate.ts';
import { evaluate } from './evaluate.ts';
import { evaluateFinding, FindingTrigger } from './finding-trigger.ts';
import type { Trigger } from './trigger.ts';
import { parseTrigger } from './trigger.ts';
import { evaluateScore, VerifyTrigger } from './verify-trigger.ts';

/** Honeycomb's triggers, and triggers about findings and scores. */
export type AnyTrigger = Trigger | FindingTrigger | VerifyTrigger;

/** Reads a trigger. A field of our own triggers names their kind. @throws QueryError that lists every problem */
export function readTrigger(given: unknown): AnyTrigger {
  if ('verify' in Object(given)) return readBySchema(VerifyTrigger, given);
  return 'finding' in Object(given) ? readBySchema(FindingTrigger, given) : parseTrigger(given);
}

/**
 * Evaluates a trigger of any kind.
 * @param dataset of Honeycomb's triggers that name none
 * @param at end of the time range, in milliseconds since the epoch
 * @param page URL of the page, without a slash at its end
 * @throws Error when the explorer does not answer
 */
export async function evaluateAny(
  trigger: AnyTrigger,
  ask: Ask,
  { dataset, ...rest }: { readonly dataset?: string | undefined; readonly at: number; readonly page: string },
): Promise<Outcome> {
  if ('verify' in trigger) return evaluateScore(trigger, ask, rest);
  if ('finding' in trigger) return evaluateFinding(trigger, ask, rest);
  return evaluate(trigger, ask, { dataset, at: rest.at });
}
