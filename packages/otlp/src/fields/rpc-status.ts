import { int32, string } from './types.ts';

// google/rpc/status.proto, without `details`, which OTLP's errors do not need

export const RpcStatusFields = {
  code: int32(1),
  message: string(2),
};
