import { resolve } from 'node:path';
import type { Telemetry } from '@tandem/telemetry';
import { registerTelemetry } from '@tandem/telemetry';

/** Processes start in their own folders but share one data directory: `.data` at the workspace's root. */
const WORKSPACE = resolve(import.meta.dirname, '../../../..');

/**
 * The telemetry of a service of this workspace, started when this module is first imported:
 * `node --import @tandem/service-kit/register`. It is `@tandem/telemetry/register` with what these services ask for.
 */
export const telemetry: Telemetry = registerTelemetry({
  baseDirectory: WORKSPACE,
  baggageAttributes: ['user.id', 'tandem.scenario'],
  advice: { checkKey: 'node tandem honeycomb:check', startReceiver: 'node tandem dev' },
});
