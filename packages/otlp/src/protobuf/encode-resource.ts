import { EntityRefFields, InstrumentationScopeFields } from '../fields/common.ts';
import { ResourceFields } from '../fields/resource.ts';
import type { EntityRef, ResourceContent, ScopeContent } from '../messages/resource.ts';
import { writeAttributes } from './encode-attributes.ts';
import { ProtobufWriter } from './writer.ts';

/** Bytes that a buffer for one message begins with. */
const INITIAL_BYTES = 256;

/** The Resource message (opentelemetry/proto/resource/v1); its schema URL belongs to the message around it. */
export function encodeResource(resource: Omit<ResourceContent, 'schemaUrl'>): Uint8Array {
  const writer = new ProtobufWriter(INITIAL_BYTES);
  writeAttributes(writer, ResourceFields.attributes, resource.attributes);
  if (resource.droppedAttributesCount !== 0)
    writer.uint32(ResourceFields.droppedAttributesCount, resource.droppedAttributesCount);
  for (const ref of resource.entityRefs ?? []) writeEntityRef(writer, ref);
  return writer.toBuffer();
}

function writeEntityRef(writer: ProtobufWriter, ref: EntityRef): void {
  const start = writer.begin(ResourceFields.entityRefs);
  if (ref.schemaUrl !== '') writer.string(EntityRefFields.schemaUrl, ref.schemaUrl);
  if (ref.type !== '') writer.string(EntityRefFields.type, ref.type);
  for (const key of ref.idKeys) writer.string(EntityRefFields.idKeys, key);
  for (const key of ref.descriptionKeys) writer.string(EntityRefFields.descriptionKeys, key);
  writer.end(start);
}

/** The InstrumentationScope message (opentelemetry/proto/common/v1); its schema URL belongs to the message around it. */
export function encodeScope(scope: Omit<ScopeContent, 'schemaUrl'>): Uint8Array {
  const writer = new ProtobufWriter(INITIAL_BYTES);
  if (scope.name !== '') writer.string(InstrumentationScopeFields.name, scope.name);
  if (scope.version !== '') writer.string(InstrumentationScopeFields.version, scope.version);
  writeAttributes(writer, InstrumentationScopeFields.attributes, scope.attributes);
  if (scope.droppedAttributesCount !== 0)
    writer.uint32(InstrumentationScopeFields.droppedAttributesCount, scope.droppedAttributesCount);
  return writer.toBuffer();
}
