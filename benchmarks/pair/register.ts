import { createRequire } from 'node:module';
import { fastifyServers, fastifyTracing, pinoLines, readSettings, startTelemetry } from '@tandem/telemetry';
import { undici } from '@tandem/telemetry/undici';
import { listedParts } from '../lib/parts.ts';

// Loaded before packages/service-kit/src/register.ts, which leaves the process to this telemetry: the same list, without
// the part that LEFT_OUT names.
const { baggageAttributes, instruments } = listedParts(
  { fastifyServers, fastifyTracing, pinoLines, undici },
  createRequire(import.meta.resolve('@tandem/telemetry')),
);
startTelemetry({ settings: readSettings(process.env, { baggageAttributes }), instruments });
