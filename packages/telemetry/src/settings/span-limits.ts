import type { EnvReader } from './env-reader.ts';

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

/** @throws SettingsError for anything but whole numbers */
export function readSpanLimits(env: EnvReader): SpanLimits {
  const valueLength = env.integer('OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT', Number.POSITIVE_INFINITY, 0);
  const count = env.integer('OTEL_ATTRIBUTE_COUNT_LIMIT', 128, 0);
  return {
    attributeValueLengthLimit: env.integer('OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT', valueLength, 0),
    attributeCountLimit: env.integer('OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT', count, 0),
    eventCountLimit: env.integer('OTEL_SPAN_EVENT_COUNT_LIMIT', 128, 0),
    linkCountLimit: env.integer('OTEL_SPAN_LINK_COUNT_LIMIT', 128, 0),
    attributePerEventCountLimit: env.integer('OTEL_EVENT_ATTRIBUTE_COUNT_LIMIT', 128, 0),
    attributePerLinkCountLimit: env.integer('OTEL_LINK_ATTRIBUTE_COUNT_LIMIT', 128, 0),
  };
}
