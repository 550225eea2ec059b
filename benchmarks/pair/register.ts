import { createRequire } from 'node:module';
import { fastify, fastifyTracing, pino, readSettings, startTelemetry, undici } from '@tandem/telemetry';
import { listedParts } from '../lib/parts.ts';

// Loaded before packages/service-kit/src/register.ts, which leaves the process to this telemetry: the same list, without
// the part that LEFT_OUT names.
const { baggageAttributes, instrumentations } = listedParts(
  { fastify, fastifyTracing, pino, undici },
  createRequire(import.meta.resolve('@tandem/telemetry')),
);
startTelemetry({ settings: readSettings(process.env, { baggageAttributes }), instrumentations });
