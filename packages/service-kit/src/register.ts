import { traceUndici } from '@tandem/auto-instrumentation';
import { logHoneycombKeyCheck } from '@tandem/doctor/honeycomb';
import { leanEngine } from '@tandem/lean-engine';
import type { Telemetry } from '@tandem/telemetry';
import { registerTelemetry } from '@tandem/telemetry';
import { fromBase } from './process/base-folder.ts';

/**
 * The telemetry of a service of this workspace. The first import of this module starts telemetry, and checks Honeycomb's
 * key: `node --import @tandem/service-kit/register`. `@tandem/telemetry/register` has neither the check nor these options.
 */
export const telemetry: Telemetry = registerTelemetry({
  baseDirectory: fromBase('.'),
  baggageAttributes: ['user.id', 'tandem.scenario'],
  lean: () => ({ engine: leanEngine, fetch: traceUndici }),
});

void logHoneycombKeyCheck(telemetry);
