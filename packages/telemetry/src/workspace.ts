// @tandem/telemetry/workspace: what the other packages of this repository take beside the public entries. Not in the tarball.

export { testName } from './any-process/tests/test-name.ts';
export { boundedText } from './api/bounded-text.ts';
export { explainExportFailure } from './delivery/describe-failure.ts';
export { DestinationReport } from './delivery/destination-report.ts';
export type { Outcome } from './delivery/http-exporter.ts';
export { HttpExporter } from './delivery/http-exporter.ts';
export type { Signal } from './delivery/signal.ts';
export { LOG_RECORDS, SPANS } from './delivery/signal.ts';
export type { SpoolFile } from './delivery/spool.ts';
export { Spool } from './delivery/spool.ts';
export { describeHoles } from './doctor/patched-node.js';
export { logSafeUrl, secretsOf } from './secrets/secrets.ts';
