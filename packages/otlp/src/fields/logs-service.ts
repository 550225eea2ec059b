import { int64, message, string } from './types.ts';

// opentelemetry/proto/collector/logs/v1/logs_service.proto

export const ExportLogsServiceRequestFields = {
  resourceLogs: message(1),
};

export const ExportLogsServiceResponseFields = {
  partialSuccess: message(1),
};

export const ExportLogsPartialSuccessFields = {
  rejectedLogRecords: int64(1),
  errorMessage: string(2),
};
