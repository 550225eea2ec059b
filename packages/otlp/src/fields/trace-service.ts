import { int64, message, string } from './types.ts';

// opentelemetry/proto/collector/trace/v1/trace_service.proto

export const ExportTraceServiceRequestFields = {
  resourceSpans: message(1),
};

export const ExportTraceServiceResponseFields = {
  partialSuccess: message(1),
};

export const ExportTracePartialSuccessFields = {
  rejectedSpans: int64(1),
  errorMessage: string(2),
};
