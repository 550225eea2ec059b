import { OTLPLogExporter } from '@opentelemetry/exporter-logs-otlp-proto';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto';
import type { OTLPExporterNodeConfigBase } from '@opentelemetry/otlp-exporter-base';
import { ProtobufLogsSerializer, ProtobufTraceSerializer } from '@opentelemetry/otlp-transformer';
import type { ReadableLogRecord } from '@opentelemetry/sdk-logs';
import type { ReadableSpan } from '@opentelemetry/sdk-trace-base';
import type { SignalName } from './describe-failure.ts';
import { SPAN_WORDS } from './describe-failure.ts';

/** An ended span or an emitted log record. */
export type Item = ReadableSpan | ReadableLogRecord;

/** A signal, with the official code that sends its items. */
export interface Signal extends SignalName {
  /** An export request in protobuf. @throws any error of reading an item */
  encode(items: Item[]): Uint8Array | undefined;
  /** Replaces the items from `start` on by items that take less memory, which `encode` takes too. Never throws. */
  compact?(items: Item[], start: number): void;
  readonly Exporter: new (config: OTLPExporterNodeConfigBase) => object;
}

/** Spans, encoded by the official serializer, or as an engine does it. */
export function spansBy({ encode, compact }: Partial<Pick<Signal, 'encode' | 'compact'>> = {}): Signal {
  return {
    ...SPAN_WORDS,
    encode: encode ?? ProtobufTraceSerializer.serializeRequest,
    ...(compact && { compact }),
    Exporter: OTLPTraceExporter,
  };
}

export const SPANS = spansBy();

export const LOG_RECORDS: Signal = {
  name: 'logs',
  item: 'log record',
  Items: 'Log records',
  items: 'log records',
  encode: ProtobufLogsSerializer.serializeRequest,
  Exporter: OTLPLogExporter,
};
