import { TraceFlags } from '@opentelemetry/api';
import type { DeliveryCounters } from '../counters.ts';
import type { FailureReporter } from '../failures/failure-reporter.ts';
import type { Logger } from '../logger.ts';
import type { LogEntry } from '../logs/log-record.ts';
import type { SpanProcessor } from '../opentelemetry/sdk.ts';
import type { BatchSettings } from '../settings/batch.ts';
import type { Destination } from '../settings/destinations.ts';
import type { LogRecordEncoding } from '../wire/encode-log.ts';
import { logRecordEncoder } from '../wire/encode-log.ts';
import { encodeSpan } from '../wire/encode-span.ts';
import type { StatFs } from './free-space.ts';
import type { Pipeline } from './pipeline.ts';
import { createPipeline } from './pipeline.ts';
import { LOG_RECORDS, SPANS } from './signal.ts';
import type { SpoolFiles } from './spool-files.ts';

/** Brings ended spans to their destinations. */
export interface Delivery {
  /** To be given to the tracer provider, after processors that change spans: each is encoded soon after it ended. */
  readonly processor: SpanProcessor;
  /** Sends what waits; resolves when it is sent, or is on disk, or cannot be sent at the moment. Never rejects. */
  flush(): Promise<void>;
  /** Sends what can be sent within `deadlineMs`, keeps the rest on disk, and stops; a second call waits for the first. Never rejects. */
  shutdown(deadlineMs: number): Promise<void>;
  /**
   * Writes every span that is in memory only to disk before it returns, for a handler of uncaught exceptions;
   * returns how many could not be kept. Never throws.
   */
  spillSync(): number;
  counters(): DeliveryCounters;
}

export interface DeliveryOptions {
  /** Names the service's part of the spool. */
  readonly serviceName: string;
  readonly destinations: readonly Destination[];
  readonly batch: BatchSettings;
  readonly spool: SpoolSettings | undefined;
  /** The most bytes that wait in memory for one destination; default 16 MiB. */
  readonly maxQueueBytes?: number;
  /** Told of every failed export; finished at shutdown. */
  readonly reporter: FailureReporter;
  readonly log: Logger;
}

/** What a pipeline needs of these, with nothing left to defaults. */
export interface PipelineOptions extends DeliveryOptions {
  readonly maxQueueBytes: number;
  readonly spool: (SpoolSettings & { readonly maxBytes: number }) | undefined;
}

/** Where spans or log records wait that cannot be sent now. */
export interface SpoolSettings {
  /** Made when it is first needed, for this user only. */
  readonly directory: string;
  /** For all destinations together, shared equally; default 64 MiB. */
  readonly maxBytes?: number;
  /** Asks a volume how much room it has; default `fs.statfs`. */
  readonly statfs?: StatFs;
  /** Reads and writes; default: the file system. */
  readonly files?: SpoolFiles;
}

// Shares of their own: a flood of log lines never takes the place of spans.
/** Some 32,000 usual spans, for each destination, and 130,000 on disk, for all destinations together. */
const SPAN_QUEUE_BYTES = 16 * 1024 * 1024;
const SPAN_SPOOL_BYTES = 64 * 1024 * 1024;
/** Some 25,000 usual lines, and 100,000 on disk. */
const LOG_QUEUE_BYTES = 8 * 1024 * 1024;
const LOG_SPOOL_BYTES = 32 * 1024 * 1024;

/** Delivery of spans. */
export function createDelivery(options: DeliveryOptions): Delivery {
  const { spool, maxQueueBytes = SPAN_QUEUE_BYTES } = options;
  const pipeline = createPipeline(
    { ...SPANS, encode: encodeSpan },
    { ...options, maxQueueBytes, spool: spool && { maxBytes: SPAN_SPOOL_BYTES, ...spool } },
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

/** Delivery of log records, on the same road as spans. */
export function createLogDelivery(
  options: Omit<DeliveryOptions, 'maxQueueBytes'>,
  encoding: LogRecordEncoding,
): Pipeline<LogEntry> {
  const { spool } = options;
  return createPipeline(
    { ...LOG_RECORDS, encode: logRecordEncoder(encoding) },
    { ...options, maxQueueBytes: LOG_QUEUE_BYTES, spool: spool && { ...spool, maxBytes: LOG_SPOOL_BYTES } },
  );
}
