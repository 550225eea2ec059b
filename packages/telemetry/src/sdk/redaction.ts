import type { LogRecordProcessor } from '@opentelemetry/sdk-logs';
import type { ReadableSpan, SpanProcessor } from '@opentelemetry/sdk-trace-base';
import { REDACTED } from '../secrets/secrets.ts';

/** Whether the value of an attribute must not leave the process. */
type IsRedacted = (key: string) => boolean;

/** @param keys of attributes; `user.*` stands for all keys that begin with `user.` */
export function redactionOf(keys: readonly string[]): IsRedacted {
  const exact = new Set(keys);
  const prefixes = keys.flatMap((key) => /^(.*?)\*/.exec(key)?.[1] ?? []);
  return (key) => exact.has(key) || prefixes.some((prefix) => key.startsWith(prefix));
}

/** Replaces values of any type in place, by their path also within maps. The keys stay. */
export function redact(attributes: object | undefined, isRedacted: IsRedacted, path = ''): void {
  for (const [key, value] of Object.entries(attributes ?? {})) {
    if (isRedacted(path + key)) Reflect.set(attributes ?? {}, key, REDACTED);
    else if (typeof value === 'object' && !Array.isArray(value)) redact(value, isRedacted, `${path}${key}.`);
  }
}

/**
 * Redacts ended spans with their events and links, and log records. Runs before every processor that exports, and after
 * processors that add attributes.
 */
export function attributeRedaction(keys: readonly string[]): SpanProcessor & LogRecordProcessor {
  const isRedacted = redactionOf(keys);
  return {
    onStart() {},
    onEnd(span: ReadableSpan) {
      for (const { attributes } of [span, ...span.events, ...span.links]) redact(attributes, isRedacted);
    },
    onEmit(record) {
      redact(record.attributes, isRedacted);
    },
    async forceFlush() {},
    async shutdown() {},
  };
}
