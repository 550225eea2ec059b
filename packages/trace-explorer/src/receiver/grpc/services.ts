import { encodeExportResponse } from '@tandem/otlp';
import { OtlpHttpError } from '../http-error.ts';
import type { IncomingBody, Intake } from '../intake.ts';

/** Takes the request of a call; `userAgent` is how the sender calls itself. @returns the response, in protobuf */
type Method = (message: IncomingBody, intake: Intake, userAgent: string | undefined) => Promise<Uint8Array>;

/** What can be called, by its path: OTLP's three services, of one method each. */
const METHODS: Readonly<Record<string, Method>> = {
  '/opentelemetry.proto.collector.trace.v1.TraceService/Export': exportTraces,
  '/opentelemetry.proto.collector.logs.v1.LogsService/Export': exportLogs,
  '/opentelemetry.proto.collector.metrics.v1.MetricsService/Export': exportMetrics,
};

/** @throws OtlpHttpError naming what can be called */
export function methodOf(path: string | undefined): Method {
  const method = path !== undefined && Object.hasOwn(METHODS, path) ? METHODS[path] : undefined;
  if (method !== undefined) return method;
  throw OtlpHttpError.unimplemented(
    `${path} is not served here: OTLP over gRPC is received at ${Object.keys(METHODS).join(' and ')}`,
  );
}

async function exportTraces(message: IncomingBody, intake: Intake): Promise<Uint8Array> {
  const { rejected, rejectedReason } = await intake.take(message);
  return encodeExportResponse('traces', { rejected, errorMessage: rejectedReason }, 'protobuf');
}

async function exportLogs(message: IncomingBody, intake: Intake): Promise<Uint8Array> {
  const { rejected, rejectedReason } = await intake.take({ ...message, signal: 'logs' });
  return encodeExportResponse('logs', { rejected, errorMessage: rejectedReason }, 'protobuf');
}

/** Metrics are not kept; a sender whose every export failed would log an error each time. */
async function exportMetrics(
  message: IncomingBody,
  intake: Intake,
  userAgent: string | undefined,
): Promise<Uint8Array> {
  await intake.discardMetrics(message, userAgent);
  return encodeExportResponse('metrics', { rejected: 0, errorMessage: '' }, 'protobuf');
}
