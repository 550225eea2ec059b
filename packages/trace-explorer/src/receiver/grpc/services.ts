import type { IncomingHttpHeaders } from 'node:http2';
import { encodeExportResponse } from '@tandem/otlp';
import { namedDataset } from '../../fields/resource.ts';
import type { Signal } from '../../store/store.ts';
import { OtlpHttpError } from '../http-error.ts';
import type { IncomingBody, Intake } from '../intake.ts';

/** Takes the request of a call; `headers` are its metadata. @returns the response, in protobuf */
type Method = (message: IncomingBody, intake: Intake, headers: IncomingHttpHeaders) => Promise<Uint8Array>;

/** The methods by path: OTLP's three services have one method each. */
const METHODS: Readonly<Record<string, Method>> = {
  '/opentelemetry.proto.collector.trace.v1.TraceService/Export': exportOf('traces'),
  '/opentelemetry.proto.collector.logs.v1.LogsService/Export': exportOf('logs'),
  '/opentelemetry.proto.collector.metrics.v1.MetricsService/Export': exportMetrics,
};

/** @throws OtlpHttpError that names the known methods */
export function methodOf(path: string | undefined): Method {
  const method = path !== undefined && Object.hasOwn(METHODS, path) ? METHODS[path] : undefined;
  if (method !== undefined) return method;
  throw new OtlpHttpError(
    501,
    `${path} is not served here: OTLP over gRPC is received at ${Object.keys(METHODS).join(' and ')}`,
  );
}

function exportOf(signal: Signal): Method {
  return async (message, intake, headers) => {
    const dataset = namedDataset(signal, headers);
    const { rejected, rejectedReason } = await intake.take({ ...message, signal, dataset });
    return encodeExportResponse(signal, { rejected, errorMessage: rejectedReason }, 'protobuf');
  };
}

/** Metrics are not kept, but accepted: a sender whose exports fail would log an error each time. */
async function exportMetrics(
  message: IncomingBody,
  intake: Intake,
  headers: IncomingHttpHeaders,
): Promise<Uint8Array> {
  await intake.discardMetrics(message, headers['user-agent']);
  return encodeExportResponse('metrics', { rejected: 0, errorMessage: '' }, 'protobuf');
}
