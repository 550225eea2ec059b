import { AsyncLocalStorage } from 'node:async_hooks';
import { join } from 'node:path';
import { TraceFlags } from '@opentelemetry/api';
import type { ReadableSpan } from '@opentelemetry/sdk-trace-base';
import type { Destination } from '../settings/destinations.ts';
import type { Delivery, DeliveryOptions } from './delivery.ts';
import { DestinationQueue } from './destination-queue.ts';
import { BatchBuilder } from './encoding/batch-builder.ts';
import { createOtlpClient } from './sending/otlp-client.ts';

/** Some 32,000 usual spans, for each destination. */
const DEFAULT_QUEUE_BYTES = 16 * 1024 * 1024;

/** Some 130,000 usual spans, for all destinations together. */
const DEFAULT_SPOOL_BYTES = 64 * 1024 * 1024;

/** Well below what backends accept in one request; 2048 usual spans have about this much. */
const MAX_BATCH_BYTES = 1024 * 1024;

/**
 * Ended spans that are encoded in one go. One at a time, the encoder finds the processor's caches full of the
 * application every time, which cost two services 14 µs more per request. With many more, the spans would live on into
 * V8's old generation.
 */
const ENCODED_TOGETHER = 64;

/**
 * Delivery that loses as few spans as it can: they are encoded soon after they end, sent to each destination
 * separately, and kept on disk when a destination does not take them. See docs/adr/0008-delivery.md.
 */
export function createDelivery(options: DeliveryOptions): Delivery {
  const { batch: settings, log } = options;
  const builder = new BatchBuilder();
  let ended: ReadableSpan[] = [];
  const encodedTogether = Math.min(ENCODED_TOGETHER, settings.maxExportBatchSize);
  const queues = options.destinations.map((destination) => createQueue(options, destination));
  // What is started here must not keep the context of the request in which a batch happened to become full.
  const outside = AsyncLocalStorage.snapshot();
  const timer = setTimeout(() => closeBatch(), settings.scheduleDelayMs).unref();
  let hasFailedToEncode = false;
  let stopping: Promise<void> | undefined;

  const queueBatch = () => {
    const batch = builder.take();
    if (batch) for (const queue of queues) outside(() => queue.add(batch));
  };

  const encodeEnded = () => {
    const spans = ended;
    ended = []; // before anything that could end a span itself
    for (const span of spans) {
      try {
        builder.add(span);
      } catch (error) {
        for (const queue of queues) queue.lose('unencodable', 1);
        if (!hasFailedToEncode) log.error({ err: error, span: span.name }, 'A span cannot be encoded');
        hasFailedToEncode = true;
      }
      if (builder.spans >= settings.maxExportBatchSize || builder.bytes >= MAX_BATCH_BYTES) queueBatch();
    }
  };

  const closeBatch = () => {
    encodeEnded();
    queueBatch();
  };

  const onEnd = (span: ReadableSpan) => {
    if ((span.spanContext().traceFlags & TraceFlags.SAMPLED) === 0) return;
    if (stopping) {
      for (const queue of queues) queue.lose('shutdown', 1);
      return;
    }
    ended.push(span);
    if (ended.length >= encodedTogether) encodeEnded();
    else if (ended.length === 1 && builder.spans === 0) timer.refresh();
  };

  const flush = async () => {
    closeBatch();
    await Promise.all(queues.map((queue) => queue.flush()));
  };

  const stop = async (deadlineMs: number) => {
    closeBatch();
    clearTimeout(timer);
    await Promise.all(queues.map((queue) => queue.shutdown(deadlineMs)));
    options.reporter.finish();
  };
  const shutdown = (deadlineMs: number) => {
    stopping ??= stop(deadlineMs);
    return stopping;
  };

  return {
    processor: {
      onStart() {},
      onEnd,
      forceFlush: flush,
      shutdown: () => shutdown(settings.exportTimeoutMs),
    },
    flush,
    shutdown,
    spillSync() {
      closeBatch();
      return queues.reduce((lost, queue) => lost + queue.spillSync(), 0);
    },
    counters: () => ({ destinations: queues.map((queue) => queue.counters()) }),
  };
}

function createQueue(options: DeliveryOptions, destination: Destination): DestinationQueue {
  const { batch, destinations, spool, serviceName, reporter, log } = options;
  return new DestinationQueue({
    name: destination.name,
    url: destination.url,
    client: createOtlpClient(destination, Math.min(destination.timeoutMs, batch.exportTimeoutMs)),
    reporter,
    log,
    spool: spool && {
      statfs: spool.statfs,
      files: spool.files,
      root: spool.directory,
      directory: join(spool.directory, fileName(serviceName), fileName(destination.name)),
      maxBytes: Math.floor((spool.maxBytes ?? DEFAULT_SPOOL_BYTES) / destinations.length),
    },
    maxQueueBytes: options.maxQueueBytes ?? DEFAULT_QUEUE_BYTES,
    maxQueueSpans: batch.maxQueueSize,
    maxBatchSpans: batch.maxExportBatchSize,
    maxBatchBytes: MAX_BATCH_BYTES,
  });
}

/** A name as one part of a path; what is not a letter, digit, dot, dash or underscore is written as %XX. */
function fileName(name: string): string {
  return (
    encodeURIComponent(name)
      .replace(/[*'()!~]/g, '_')
      .replace(/^\.+$/, '_') || '_'
  );
}
