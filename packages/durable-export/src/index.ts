// The exports of @tandem/durable-export.

export type { BatchSettings } from './batch-processor.ts';
export type { DurableExport, DurableExportOptions } from './durable-export.ts';
export { createDurableExport } from './durable-export.ts';
export type { Destination, Outcome } from './http-exporter.ts';
export { HttpExporter } from './http-exporter.ts';
export type { DeliveryCounters, DestinationCounters, LossReason } from './report/counters.ts';
export { reasonsOf } from './report/counters.ts';
export { explainExportFailure } from './report/describe-failure.ts';
export { DestinationReport } from './report/destination-report.ts';
export type { Logger } from './report/logger.ts';
export type { Serializer, Signal } from './signal.ts';
export { LOG_RECORDS, SPANS, spansBy } from './signal.ts';
export type { SpoolFile } from './spool.ts';
export { Spool } from './spool.ts';
