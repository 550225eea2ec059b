import type { Attributes } from '@opentelemetry/api';
import type { ReadableSpan, SpanProcessor } from '../opentelemetry/sdk.ts';
import { REDACTED } from '../secrets.ts';

/** Whether the value of an attribute must not leave the process. */
export type IsRedacted = (key: string) => boolean;

/** @param keys of attributes; one that ends in `*` stands for all keys that begin so */
export function redactionOf(keys: readonly string[]): IsRedacted {
  const exact = new Set(keys.filter((key) => !key.endsWith('*')));
  const prefixes = keys.filter((key) => key.endsWith('*')).map((key) => key.slice(0, -1));
  return (key) => exact.has(key) || prefixes.some((prefix) => key.startsWith(prefix));
}

/** Replaces values in place, whatever their type: that there was one stays to be seen. */
export function redact(attributes: Attributes | undefined, isRedacted: IsRedacted): void {
  for (const key in attributes) if (isRedacted(key)) attributes[key] = REDACTED;
}

/**
 * Redacts the attributes of ended spans, of their events and of their links. For a place before every processor that
 * exports.
 */
export function attributeRedaction(isRedacted: IsRedacted): SpanProcessor {
  return {
    onStart() {},
    onEnd(span: ReadableSpan) {
      for (const { attributes } of [span, ...span.events, ...span.links]) redact(attributes, isRedacted);
    },
    async forceFlush() {},
    async shutdown() {},
  };
}
