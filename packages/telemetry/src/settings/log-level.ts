import { DiagLogLevel } from '@opentelemetry/api';
import type { EnvReader } from '../environment/env-reader.ts';

const LEVELS = ['none', 'error', 'warn', 'info', 'debug', 'verbose', 'all'] as const;
/** How much OpenTelemetry says of itself. */
export type LogLevel = DiagLogLevel;

/** OTEL_LOG_LEVEL as the API's diagnostic level; `warn` by default. */
export function readLogLevel(env: EnvReader): LogLevel {
  const name = env.oneOf('OTEL_LOG_LEVEL', LEVELS, 'warn');
  return DiagLogLevel[name.toUpperCase() as keyof typeof DiagLogLevel];
}

const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;

/** LOG_LEVEL, one of pino's levels; `info` by default. */
export function readServiceLogLevel(env: EnvReader): string {
  return env.oneOf('LOG_LEVEL', LOG_LEVELS, 'info');
}
