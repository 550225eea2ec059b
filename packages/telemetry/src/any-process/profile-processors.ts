import type { SpanProcessor } from '../sdk/engine.ts';
import { loadEntry } from '../settings/optional-package.ts';
import type * as Profile from './profile/index.ts';

/** The span processors that `run --profile` asks for. */
export function profileProcessors(): SpanProcessor[] {
  const isAsked = process.env.TANDEM_RUN_PROFILE === 'true';
  return isAsked ? loadEntry<typeof Profile>('profile').profileOwnTime() : [];
}
