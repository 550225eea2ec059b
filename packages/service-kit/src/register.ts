import type { Telemetry } from '@tandem/telemetry';
import { fastify, pino, readSettings, startTelemetry, undici } from '@tandem/telemetry';
import { fromBase } from './settings/base-folder.ts';
import { ofSenders } from './settings/of-senders.ts';

const environment = ofSenders(process.env);
const settings = readSettings(environment, {
  baseDirectory: fromBase('.'),
  baggageAttributes: ['user.id', 'tandem.scenario'],
});

/**
 * The telemetry of a service of this workspace. The first import of this module starts telemetry, and checks Honeycomb's
 * key: `node --import @tandem/service-kit/register`.
 */
export const telemetry: Telemetry = startTelemetry({
  settings,
  instrumentations: [fastify(), undici(), pino()],
});

const isForHoneycomb = settings.destinations.some(({ headers }) => 'x-honeycomb-team' in headers);
if (isForHoneycomb || settings.sources.includes('HONEYCOMB_API_KEY'))
  void (await import('@tandem/telemetry/honeycomb')).logHoneycombKeyCheck(telemetry, environment);
