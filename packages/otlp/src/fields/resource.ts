import { message, uint32 } from './types.ts';

// opentelemetry/proto/resource/v1/resource.proto

export const ResourceFields = {
  attributes: message(1),
  droppedAttributesCount: uint32(2),
  entityRefs: message(3),
};
