import { TraceFlags } from '@opentelemetry/api';
import type { Delivery, DeliveryOptions } from './delivery.ts';
import { encodeSpan } from './encoding/encode-span.ts';
import { createPipeline } from './pipeline.ts';
import { SPANS } from './signal.ts';

/** Some 32,000 usual spans, for each destination. */
const DEFAULT_QUEUE_BYTES = 16 * 1024 * 1024;

/** Some 130,000 usual spans, for all destinations together. */
const DEFAULT_SPOOL_BYTES = 64 * 1024 * 1024;

/** Delivery of spans by a pipeline of our own. */
export function createDelivery(options: DeliveryOptions): Delivery {
  const { spool, maxQueueBytes = DEFAULT_QUEUE_BYTES } = options;
  const pipeline = createPipeline(
    { ...SPANS, encode: encodeSpan },
    { ...options, maxQueueBytes, spool: spool && { maxBytes: DEFAULT_SPOOL_BYTES, ...spool } },
  );
  return {
    processor: {
      onStart() {},
      onEnd(span) {
        if ((span.spanContext().traceFlags & TraceFlags.SAMPLED) !== 0) pipeline.add(span);
      },
      forceFlush: () => pipeline.flush(),
      shutdown: () => pipeline.shutdown(options.batch.exportTimeoutMs),
    },
    flush: () => pipeline.flush(),
    shutdown: (deadlineMs) => pipeline.shutdown(deadlineMs),
    spillSync: () => pipeline.spillSync(),
    counters: () => ({ destinations: pipeline.counters() }),
  };
}
