// @tandem/telemetry/workspace/delivery: what the explorer's forwarding takes. It loads the exporters, which nothing else of the explorer needs.

export { explainExportFailure } from './describe-failure.ts';
export { DestinationReport } from './destination-report.ts';
export { isOfOneRequest } from './export-failure.ts';
export type { Outcome } from './http-exporter.ts';
export { HttpExporter } from './http-exporter.ts';
export type { Signal } from './signal.ts';
export { LOG_RECORDS, SPANS } from './signal.ts';
export { Spool } from './spool.ts';
export type { SpoolFile } from './spool-file.ts';
