import { readBySchema } from '../../../core/query/parse/read-by-schema.ts';
import type { Ask } from '../../../lib/request-json.ts';
import type { TriggerOutcome } from './evaluate.ts';
import { evaluate } from './evaluate.ts';
import type { IsKnown } from './finding-trigger.ts';
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

/** Evaluates a trigger of any kind: see `evaluate` and `evaluateFinding`. @param dataset of triggers that name none */
export async function evaluateAny(
  trigger: AnyTrigger,
  ask: Ask,
  {
    dataset,
    ...rest
  }: {
    readonly dataset?: string | undefined;
    readonly at: number;
    readonly page: string;
    readonly isKnown?: IsKnown;
  },
): Promise<TriggerOutcome> {
  if ('verify' in trigger) return evaluateScore(trigger, ask, rest);
  if ('finding' in trigger) return evaluateFinding(trigger, ask, rest);
  return evaluate(trigger, ask, { dataset, at: rest.at });
}
