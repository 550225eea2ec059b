import type { EnvReader } from '../environment/env-reader.ts';

/** How much one log record may hold, by the specification's variables; defaults are the specification's. */
export interface LogRecordLimits {
  /** Characters; Infinity by default. */
  readonly attributeValueLengthLimit: number;
  readonly attributeCountLimit: number;
}

/** Reads the limits; the form for log records goes before the general one. */
export function readLogRecordLimits(env: EnvReader): LogRecordLimits {
  const limit = (name: string, otherwise: number) => {
    const names = [`OTEL_LOGRECORD_ATTRIBUTE_${name}`, `OTEL_ATTRIBUTE_${name}`] as const;
    env.first(...names);
    return env.integer(names[0], env.integer(names[1], otherwise, 0), 0);
  };
  return {
    attributeValueLengthLimit: limit('VALUE_LENGTH_LIMIT', Number.POSITIVE_INFINITY),
    attributeCountLimit: limit('COUNT_LIMIT', 128),
  };
}
