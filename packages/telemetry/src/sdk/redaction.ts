import type { LogRecordProcessor, ReadableLogRecord } from '@opentelemetry/sdk-logs';
import type { ReadableSpan, SpanProcessor } from '@opentelemetry/sdk-trace-base';
import { NoopSpanProcessor } from '@opentelemetry/sdk-trace-base';
import { redact, redactionOf } from '../secrets/redaction.ts';

/**
 * Redacts ended spans with their events and links, and log records. Runs before every processor that exports, and after
 * processors that add attributes.
 */
export function attributeRedaction(keys: readonly string[]): SpanProcessor & LogRecordProcessor {
  const isRedacted = redactionOf(keys);
  return Object.assign(new NoopSpanProcessor(), {
    onEnd(span: ReadableSpan) {
      for (const { attributes } of [span, ...span.events, ...span.links]) redact(attributes, isRedacted);
    },
    onEmit(record: ReadableLogRecord) {
      redact(record.attributes, isRedacted);
    },
  });
}
