import type { EnvReader } from '../environment/env-reader.ts';

/** How much one span may hold, by the specification's variables; defaults are the specification's. */
export interface SpanLimits {
  /** Characters; Infinity by default. */
  readonly attributeValueLengthLimit: number;
  readonly attributeCountLimit: number;
  readonly eventCountLimit: number;
  readonly linkCountLimit: number;
  readonly attributePerEventCountLimit: number;
  readonly attributePerLinkCountLimit: number;
}

/** Reads the limits; the form for spans goes before the general one. */
export function readSpanLimits(env: EnvReader): SpanLimits {
  const attributeLimit = (limit: string, otherwise: number) => {
    const names = [`OTEL_SPAN_ATTRIBUTE_${limit}`, `OTEL_ATTRIBUTE_${limit}`] as const;
    env.first(...names);
    return env.integer(names[0], env.integer(names[1], otherwise, 0), 0);
  };
  return {
    attributeValueLengthLimit: attributeLimit('VALUE_LENGTH_LIMIT', Number.POSITIVE_INFINITY),
    attributeCountLimit: attributeLimit('COUNT_LIMIT', 128),
    eventCountLimit: env.integer('OTEL_SPAN_EVENT_COUNT_LIMIT', 128, 0),
    linkCountLimit: env.integer('OTEL_SPAN_LINK_COUNT_LIMIT', 128, 0),
    attributePerEventCountLimit: env.integer('OTEL_EVENT_ATTRIBUTE_COUNT_LIMIT', 128, 0),
    attributePerLinkCountLimit: env.integer('OTEL_LINK_ATTRIBUTE_COUNT_LIMIT', 128, 0),
  };
}
