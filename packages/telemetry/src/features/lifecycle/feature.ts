import type { InstrumentationParts } from '../../instrumentation.ts';
import { load } from '../../process/load.ts';

/** TRACE_FASTIFY_LIFECYCLE: a span for each of Fastify's hooks and handlers. Only a restart ends these spans. */
export const lifecycle = {
  instrument({ provider, settings, log }: InstrumentationParts): undefined {
    if (provider === undefined || !settings.fastifyLifecycle) return;
    try {
      load<typeof import('./fastify-lifecycle.ts')>('fastify-lifecycle').traceFastifyLifecycle();
    } catch (error) {
      log.warn({}, error instanceof Error ? error.message : String(error));
    }
  },
};
