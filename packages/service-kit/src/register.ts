import { autoInstrumentation } from '@tandem/auto-instrumentation';
import { logHoneycombKeyCheck } from '@tandem/doctor/honeycomb';
import { leanEngine } from '@tandem/lean-engine';
import type { Telemetry } from '@tandem/telemetry';
import { registerTelemetry } from '@tandem/telemetry';
import { fromBase } from './process/base-folder.ts';

/**
 * The telemetry of a service of this workspace. The first import of this module starts telemetry:
 * `node --import @tandem/service-kit/register`. Only the options below differ from `@tandem/telemetry/register`.
 */
export const telemetry: Telemetry = registerTelemetry({
  baseDirectory: fromBase('.'),
  baggageAttributes: ['user.id', 'tandem.scenario'],
  lean: () => ({ engine: leanEngine, instrumentations: [autoInstrumentation] }),
});

void logHoneycombKeyCheck(telemetry);
