import { bytes, int32, int64, string } from './types.ts';

// google/protobuf/any.proto and duration.proto

export const AnyFields = {
  typeUrl: string(1),
  value: bytes(2),
};

export const DurationFields = {
  seconds: int64(1),
  nanos: int32(2),
};
