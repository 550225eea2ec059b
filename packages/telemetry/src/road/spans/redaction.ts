import type { LogRecordProcessor, ReadableLogRecord } from '@opentelemetry/sdk-logs';
import { redact, redactionOf } from '../../process/secrets/redaction.ts';
import type { SpanStep } from './span-steps.ts';

/**
 * Redacts ended spans with their events and links, and log records. Runs before every processor that exports, and after
 * processors that add attributes.
 */
export function attributeRedaction(keys: readonly string[]): SpanStep & LogRecordProcessor {
  const isRedacted = redactionOf(keys);
  return {
    onEnd(span) {
      for (const { attributes } of [span, ...span.events, ...span.links]) redact(attributes, isRedacted);
    },
    onEmit(record: ReadableLogRecord) {
      redact(record.attributes, isRedacted);
    },
    async forceFlush() {},
    async shutdown() {},
  };
}
