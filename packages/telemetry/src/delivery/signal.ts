import type { ExportResult } from '@opentelemetry/core';
import { OTLPLogExporter } from '@opentelemetry/exporter-logs-otlp-proto';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto';
import type { OTLPExporterNodeConfigBase } from '@opentelemetry/otlp-exporter-base';
import type { ISerializer } from '@opentelemetry/otlp-transformer';
import { ProtobufLogsSerializer, ProtobufTraceSerializer } from '@opentelemetry/otlp-transformer';
import type { ReadableLogRecord } from '@opentelemetry/sdk-logs';
import type { ReadableSpan } from '@opentelemetry/sdk-trace-base';
import type { SignalName } from './describe-failure.ts';
import { SPAN_WORDS } from './describe-failure.ts';

/** An ended span or an emitted log record. */
export type Item = ReadableSpan | ReadableLogRecord;

/** The answer to an export request. */
export interface ExportResponse {
  readonly partialSuccess?: {
    readonly rejectedSpans?: number;
    readonly rejectedLogRecords?: number;
    readonly errorMessage?: string;
  };
}

/** An encoder of export requests. */
export interface Serializer<Item, Response> extends ISerializer<Item[], Response> {
  /** Replaces the items from `start` on by items that take less memory, which `serializeRequest` takes too. Never throws. */
  compact?(items: Item[], start: number): void;
}

/** A signal, with the official code that encodes and sends its items. */
export interface Signal extends SignalName {
  /** A part of the names of the SDK's own metrics. */
  readonly metric: 'span' | 'log';
  readonly serializer: Serializer<Item, ExportResponse>;
  /** The official exporter has the official serializer. */
  readonly Exporter?: new (
    config: OTLPExporterNodeConfigBase,
  ) => { export(items: Item[], done: (result: ExportResult) => void): void };
}

/** Spans, by the official serializer and exporter or by another serializer. */
export function spansBy(serializer: Signal['serializer'] = ProtobufTraceSerializer): Signal {
  const isOfficial = serializer === ProtobufTraceSerializer;
  return { ...SPAN_WORDS, metric: 'span', serializer, ...(isOfficial && { Exporter: OTLPTraceExporter }) };
}

export const SPANS = spansBy();

export const LOG_RECORDS: Signal = {
  name: 'logs',
  item: 'log record',
  Items: 'Log records',
  items: 'log records',
  metric: 'log',
  serializer: ProtobufLogsSerializer,
  Exporter: OTLPLogExporter,
};

/** The items that can be encoded. An item that cannot be encoded must not spoil a whole batch. */
export function encodable(items: readonly Item[], serializer: ISerializer<Item[], unknown>): Item[] {
  return items.filter((item) => {
    try {
      return serializer.serializeRequest([item]) !== undefined;
    } catch {
      return false;
    }
  });
}
