import type { SpanProcessor } from '@opentelemetry/sdk-trace-base';
import { partLoader } from './load-part.ts';
import type * as Profile from './profile/index.ts';

/** The span processors that `run --profile` asks for. */
export function profileProcessors(): SpanProcessor[] {
  const isAsked = process.env.TANDEM_RUN_PROFILE === 'true';
  return isAsked ? partLoader<typeof Profile>('profile')().profileOwnTime() : [];
}
