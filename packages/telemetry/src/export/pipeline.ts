import { AsyncLocalStorage } from 'node:async_hooks';
import { join } from 'node:path';
import { TraceFlags } from '@opentelemetry/api';
import type { DestinationCounters } from '../report/counters.ts';
import type { FailureReporter } from '../report/export-failure.ts';
import type { Logger } from '../report/logger.ts';
import type { ReadableSpan, SpanProcessor } from '../opentelemetry/sdk.ts';
import type { BatchSettings, Destination } from '../settings.ts';
import type { Deliverable, Encode } from '../wire/batch.ts';
import { BatchBuilder } from '../wire/batch.ts';
import { Outbox } from './outbox.ts';
import { createSender } from './sender.ts';
import type { SignalName } from './signal.ts';
import type { SpoolOptions } from './spool.ts';
import { Spool } from './spool.ts';
import { Tally } from './tally.ts';

/** Backends accept several times as much in one request. 2048 usual spans have about this size. */
const MAX_BATCH_BYTES = 1024 * 1024;

/**
 * Ended spans, or log records, that are encoded in one go. One at a time, the encoder finds the processor's caches full
 * of the application each time: two services took 14 µs more per request. Many more would reach V8's old generation.
 */
const ENCODED_TOGETHER = 64;

/**
 * Some 32,000 usual spans or 25,000 lines in memory, per destination, and four times as many on disk, for all
 * destinations together. Log lines never take the place of spans.
 */
const QUEUE_BYTES = { traces: 16 * 1024 * 1024, logs: 8 * 1024 * 1024 };
const SPOOL_BYTES = { traces: 64 * 1024 * 1024, logs: 32 * 1024 * 1024 };

export interface PipelineOptions {
  /** Names the service's part of the spool. */
  readonly serviceName: string;
  readonly destinations: readonly Destination[];
  readonly batch: BatchSettings;
  /** Where items wait that cannot be sent now: a folder that is made when it is needed, for this user only. */
  readonly spool: Pick<SpoolOptions, 'directory' | 'claimMs' | 'files'>;
  /** The most bytes that wait in memory for one destination. */
  readonly maxQueueBytes?: number;
  readonly reporter: FailureReporter;
  readonly log: Logger;
}

/** The way of one signal's items to their destinations. */
export interface Pipeline<Item> {
  /** Takes an item over. Never throws; counts an item that cannot be delivered. */
  add(item: Item): void;
  /** Resolves when each waiting item is sent, or is on disk, or cannot be sent at the moment. Never rejects. */
  flush(): Promise<void>;
  /** Sends for at most `deadlineMs`, keeps the rest on disk, and stops; a second call waits for the first. Never rejects. */
  shutdown(deadlineMs: number): Promise<void>;
  /** Writes items that are only in memory to disk; returns how many the disk did not take. Never throws. */
  spillSync(): number;
  counters(): DestinationCounters[];
}

/**
 * A pipeline that loses as few items as it can. It encodes items soon, sends them to each destination separately, and
 * keeps them on disk while a destination does not take them. See docs/adr/0008-delivery.md.
 */
export function createPipeline<Item extends Deliverable>(
  signal: SignalName,
  encode: Encode<Item>,
  options: PipelineOptions,
): Pipeline<Item> {
  const { batch: settings } = options;
  const builder = new BatchBuilder(encode);
  let waiting: Item[] = [];
  const encodedTogether = Math.min(ENCODED_TOGETHER, settings.maxExportBatchSize);
  const outboxes = options.destinations.map((destination) => createOutbox(signal, options, destination));
  // Timers and sockets must not keep the context of the request in which a batch became full.
  const outside = AsyncLocalStorage.snapshot();
  const timer = setTimeout(() => closeBatch(), settings.scheduleDelayMs).unref();
  let stopping: Promise<void> | undefined;

  const closeBuilder = () => {
    const batch = builder.take();
    if (batch) for (const outbox of outboxes) outside(() => outbox.add(batch));
  };

  const encodeWaiting = () => {
    const items = waiting;
    waiting = []; // before anything that could add an item itself
    for (const item of items) {
      try {
        builder.add(item);
      } catch {
        for (const outbox of outboxes) outbox.lose('unencodable', 1);
      }
      if (builder.items >= settings.maxExportBatchSize || builder.bytes >= MAX_BATCH_BYTES) closeBuilder();
    }
  };

  const closeBatch = () => {
    encodeWaiting();
    if (waiting.length > 0) encodeWaiting(); // the line about lost items may be an item itself
    closeBuilder();
    if (waiting.length > 0) timer.refresh();
  };

  const stop = async (deadlineMs: number) => {
    closeBatch();
    clearTimeout(timer);
    await Promise.all(outboxes.map((outbox) => outbox.shutdown(deadlineMs)));
  };

  return {
    add(item) {
      if (stopping) {
        for (const outbox of outboxes) outbox.lose('shutdown', 1);
        return;
      }
      waiting.push(item);
      if (waiting.length >= encodedTogether) encodeWaiting();
      else if (waiting.length === 1 && builder.items === 0) timer.refresh();
    },
    async flush() {
      closeBatch();
      await Promise.all(outboxes.map((outbox) => outbox.flush()));
    },
    shutdown(deadlineMs) {
      stopping ??= stop(deadlineMs);
      return stopping;
    },
    spillSync() {
      closeBatch();
      return outboxes.reduce((lost, outbox) => lost + outbox.spillSync(), 0);
    },
    counters: () => outboxes.map((outbox) => outbox.counters()),
  };
}

/** A span processor that hands sampled spans over. It stands behind processors that change spans, because spans are encoded soon. */
export function exportSpans(pipeline: Pipeline<ReadableSpan>, shutdownTimeoutMs: number): SpanProcessor {
  return {
    onStart() {},
    onEnd(span) {
      if ((span.spanContext().traceFlags & TraceFlags.SAMPLED) !== 0) pipeline.add(span);
    },
    forceFlush: () => pipeline.flush(),
    shutdown: () => pipeline.shutdown(shutdownTimeoutMs),
  };
}

function createOutbox(signal: SignalName, options: PipelineOptions, destination: Destination): Outbox {
  const { batch, destinations, spool, serviceName, reporter, log } = options;
  const { name, url } = destination;
  const what = `${signal.Items} for ${name}`;
  const tally = new Tally(what, log);
  const folder = signal.name === 'traces' ? name : `${name}-${signal.name}`;
  return new Outbox({
    name,
    url,
    sender: createSender(destination, signal.name),
    timeoutMs: Math.min(destination.timeoutMs, batch.exportTimeoutMs),
    reporter,
    tally,
    spool: new Spool({
      ...spool,
      directory: join(spool.directory, fileName(serviceName), fileName(folder)),
      maxBytes: Math.floor(SPOOL_BYTES[signal.name] / destinations.length),
      maxItems: batch.maxExportBatchSize,
      what,
      tally,
      log,
    }),
    maxQueueBytes: options.maxQueueBytes ?? QUEUE_BYTES[signal.name],
    maxQueueItems: batch.maxQueueSize,
  });
}

/** A name as one part of a path; other characters than letters, digits, dots, dashes and underscores become %XX. */
function fileName(name: string): string {
  const encoded = encodeURIComponent(name).replace(/[*'()!~]/g, '_');
  return encoded.replace(/^\.+$/, '_') || '_';
}
