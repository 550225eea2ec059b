import type { FastifyInstance } from 'fastify';
import { listenTo } from '../../common/channels.ts';
import type { InstrumentationParts } from '../../instrumentation.ts';
import { load } from '../../process/load.ts';
import type { TelemetrySettings } from '../../process/settings/index.ts';

/** TRACE_CODE_LOCATIONS: spans name the line of code that made the call, and SERVER spans the line of their route. */
export const lines = {
  step: ({ codeLocations }: TelemetrySettings) =>
    codeLocations === undefined
      ? undefined
      : load<typeof import('./index.ts')>('lines').codeLineProcessor(codeLocations),
  instrument({ provider, settings }: InstrumentationParts): (() => void) | undefined {
    if (provider === undefined || settings.codeLocations === undefined) return undefined;
    return listenTo<{ readonly fastify: FastifyInstance }>({
      'fastify.initialization': ({ fastify }) => {
        if (Number.parseInt(fastify.version, 10) >= 5)
          load<typeof import('./code-locations.ts')>('code-locations').locateRoutes(fastify);
      },
    });
  },
};
