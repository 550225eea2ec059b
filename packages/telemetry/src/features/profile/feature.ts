import { load } from '../../process/load.ts';
import type { TelemetrySettings } from '../../process/settings/index.ts';

/** `run --profile`: spans name the functions of their own time. */
export const profile = {
  step: ({ profile }: TelemetrySettings) =>
    profile ? load<typeof import('./index.ts')>('profile').profileOwnTime() : undefined,
};
