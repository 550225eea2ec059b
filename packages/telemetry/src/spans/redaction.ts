import type { Attributes } from '@opentelemetry/api';
import type { LogRecordProcessor } from '@opentelemetry/sdk-logs';
import type { ReadableSpan, SpanProcessor } from '@opentelemetry/sdk-trace-base';
import { REDACTED } from '../report/secrets.ts';

/** Whether the value of an attribute must not leave the process. */
export type IsRedacted = (key: string) => boolean;

/** @param keys of attributes; a key with a `*` stands for all keys that begin like the text before it */
export function redactionOf(keys: readonly string[]): IsRedacted {
  const exact = new Set(keys);
  const prefixes = keys.flatMap((key) => /^(.*?)\*/.exec(key)?.[1] ?? []);
  return (key) => exact.has(key) || prefixes.some((prefix) => key.startsWith(prefix));
}

/** Replaces values of any type in place. The keys stay. */
export function redact(attributes: Attributes | undefined, isRedacted: IsRedacted): void {
  for (const key in attributes) if (isRedacted(key)) attributes[key] = REDACTED;
}

/**
 * Redacts ended spans with their events and links, and log records. For a place before every processor that exports, and
 * behind those that add attributes.
 */
export function attributeRedaction(isRedacted: IsRedacted): SpanProcessor & LogRecordProcessor {
  return {
    onStart() {},
    onEnd(span: ReadableSpan) {
      for (const { attributes } of [span, ...span.events, ...span.links]) redact(attributes, isRedacted);
    },
    onEmit(record) {
      redact(record.attributes as Attributes, isRedacted);
    },
    async forceFlush() {},
    async shutdown() {},
  };
}
