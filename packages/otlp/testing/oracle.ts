import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import protobuf from 'protobufjs';

const FOLDER = join(import.meta.dirname, 'proto');

/**
 * OTLP's messages (opentelemetry-proto 1.10) as protobufjs has them: what our own reader and writer are compared
 * with. The files in proto/ hold what is used of the specification's, with its packages, names and numbers.
 */
export const protoRoot = new protobuf.Root();
for (const file of readdirSync(FOLDER)) protobuf.parse(readFileSync(join(FOLDER, file), 'utf8'), protoRoot);
protoRoot.resolveAll();

export const TraceRequest = protoRoot.lookupType(
  'opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest',
);
export const TraceResponse = protoRoot.lookupType(
  'opentelemetry.proto.collector.trace.v1.ExportTraceServiceResponse',
);
export const LogsRequest = protoRoot.lookupType(
  'opentelemetry.proto.collector.logs.v1.ExportLogsServiceRequest',
);
export const LogsResponse = protoRoot.lookupType(
  'opentelemetry.proto.collector.logs.v1.ExportLogsServiceResponse',
);
export const MetricsResponse = protoRoot.lookupType(
  'opentelemetry.proto.collector.metrics.v1.ExportMetricsServiceResponse',
);
export const RpcStatusMessage = protoRoot.lookupType('google.rpc.Status');
export const RetryInfoMessage = protoRoot.lookupType('google.rpc.RetryInfo');
