import type { DescMessage } from '@bufbuild/protobuf';
import { createFileRegistry, fromBinary } from '@bufbuild/protobuf';
import type { DescriptorProto, FileDescriptorSet } from '@bufbuild/protobuf/wkt';
import { FileDescriptorSetSchema } from '@bufbuild/protobuf/wkt';
import { protoRoot } from '@tandem/otlp/testing';
import descriptor from 'protobufjs/ext/descriptor.js';

/** Parts of package names, each of which needs none but those before it. */
const ORDER = ['common', 'resource', 'proto.trace', 'proto.logs', 'proto.metrics', 'collector', 'rpc'];

/** A message as @bufbuild/protobuf has it, without a build step: from the .proto files that protobufjs has parsed. */
export function bufbuildSchema(typeName: string): DescMessage {
  const schema = createFileRegistry(descriptorSet()).getMessage(typeName);
  if (schema === undefined) throw new Error(`The .proto files have no ${typeName}.`);
  return schema;
}

/** What protobufjs writes of them says neither which file needs which, nor types in full, nor names in JSON. */
function descriptorSet(): FileDescriptorSet {
  const bytes = descriptor.FileDescriptorSet.encode(protoRoot.toDescriptor('proto3')).finish();
  const set = fromBinary(FileDescriptorSetSchema, bytes);
  const rank = (name: string) => ORDER.findIndex((part) => name.includes(part));
  set.file.sort((a, b) => rank(a.package) - rank(b.package));
  for (const [index, file] of set.file.entries()) {
    file.dependency = set.file.slice(0, index).map(({ name }) => name);
    for (const message of file.messageType) completeNames(message, `${file.package}.${message.name}`);
  }
  return set;
}

function completeNames(message: DescriptorProto, fullName: string): void {
  const type = protoRoot.lookupType(fullName);
  for (const field of message.field) {
    const parsed = type.fieldsArray.find(({ id }) => id === field.number);
    field.jsonName = parsed?.name ?? '';
    if (parsed?.resolvedType) field.typeName = parsed.resolvedType.fullName;
  }
  for (const nested of message.nestedType) completeNames(nested, `${fullName}.${nested.name}`);
}
