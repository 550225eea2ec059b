import { int32, message, string } from './types.ts';

// google/rpc/status.proto and the only detail of google/rpc/error_details.proto that OTLP uses

export const RpcStatusFields = {
  code: int32(1),
  message: string(2),
  details: message(3),
};

export const RetryInfoFields = {
  retryDelay: message(1),
};
