import type { ISerializer } from '@opentelemetry/otlp-transformer';
import type { DestinationCounters } from '../report/counters.ts';
import type { Logger } from '../report/logger.ts';
import type { BatchSettings } from './batch-processor.ts';
import { BatchProcessor } from './batch-processor.ts';
import type { Item, Signal } from './signal.ts';

/** Where items are sent by OTLP/HTTP with protobuf. */
export interface Destination {
  /** The name in messages and in the path of the spool: `honeycomb` or `otlp`. */
  readonly name: string;
  /**
   * The URL with its path. Without a URL, the official exporter reads the variables OTEL_EXPORTER_OTLP_* itself. With a
   * URL, only the timeout of these variables counts: a header or a certificate for another place goes nowhere else.
   */
  readonly url?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly compression?: 'none' | 'gzip';
}

export interface DurableExportOptions {
  readonly signal: Signal;
  /** Names the service's part of the spool. */
  readonly serviceName: string;
  readonly destinations: readonly Destination[];
  /** The variables that the official exporter reads; default: those of the process. */
  readonly environment?: Readonly<Record<string, string | undefined>>;
  /** DATA_DIR as an absolute path. The spool is a folder in it, made when it is needed, for this user only. */
  readonly dataDirectory: string;
  readonly batch: BatchSettings;
  /** In place of the official serializer of the signal. */
  readonly serializer?: ISerializer<Item[], unknown>;
  readonly log: Logger;
  /** Values that must show in no message. */
  readonly secrets?: readonly string[];
}

/** The way of one signal's items to their destinations. */
export interface DurableExport {
  /** Takes ended spans and emitted log records. Stands behind processors that change them. */
  readonly processor: BatchProcessor;
  counters(): DestinationCounters[];
  /** Resolves when each waiting item is sent, or is on disk, or cannot be sent at the moment. Never rejects. */
  flush(): Promise<void>;
  /** Sends for at most `deadlineMs`, keeps the rest on disk, and stops; a second call waits for the first. Never rejects. */
  shutdown(deadlineMs: number): Promise<void>;
  /** Writes items that are only in memory to disk; returns how many the disk did not take. Never throws. */
  spillSync(): number;
}

/**
 * Sends items by the official exporters, and loses as few as it can: what cannot be sent is kept on disk, one export
 * request per file, and sent later. See docs/adr/0008-delivery.md.
 */
export function createDurableExport(options: DurableExportOptions): DurableExport {
  throw new Error(`The bodies follow (${options.signal.name}).`);
}
