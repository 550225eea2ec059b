import type { Telemetry } from '@tandem/telemetry';
import { registerTelemetry } from '@tandem/telemetry';
import { logHoneycombKeyCheck } from '@tandem/telemetry/honeycomb';
import { fromBase } from './process/base-folder.ts';

/**
 * The telemetry of a service of this workspace. It starts when this module is first imported:
 * `node --import @tandem/service-kit/register`. It differs from `@tandem/telemetry/register` in the options below.
 */
export const telemetry: Telemetry = registerTelemetry({
  baseDirectory: fromBase('.'),
  baggageAttributes: ['user.id', 'tandem.scenario'],
});

void logHoneycombKeyCheck(telemetry);
