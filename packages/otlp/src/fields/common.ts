import { bool, bytes, double, int64, message, string, uint32 } from './types.ts';

// opentelemetry/proto/common/v1/common.proto

export const AnyValueFields = {
  stringValue: string(1),
  boolValue: bool(2),
  intValue: int64(3),
  doubleValue: double(4),
  arrayValue: message(5),
  kvlistValue: message(6),
  bytesValue: bytes(7),
};

export const ArrayValueFields = {
  values: message(1),
};

export const KeyValueListFields = {
  values: message(1),
};

export const KeyValueFields = {
  key: string(1),
  value: message(2),
};

export const InstrumentationScopeFields = {
  name: string(1),
  version: string(2),
  attributes: message(3),
  droppedAttributesCount: uint32(4),
};

export const EntityRefFields = {
  schemaUrl: string(1),
  type: string(2),
  idKeys: string(3),
  descriptionKeys: string(4),
};
