import type { About } from '../../../core/traces/findings/finding.ts';
import { ruleNamed } from '../../../core/traces/findings/rules.ts';
import { GROWING_QUEUE } from './schemas.ts';

/** What a cause is about, by its rule: a growing queue about time, an error that ends a request about errors. */
export function aboutOf(rule: string): About {
  return ruleNamed(rule)?.about ?? (rule === GROWING_QUEUE ? 'time' : 'errors');
}
