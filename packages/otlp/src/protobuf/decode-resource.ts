import { InstrumentationScopeFields } from '../fields/common.ts';
import { ResourceFields } from '../fields/resource.ts';
import type { Attribute } from '../messages/attributes.ts';
import type { EntityRef } from '../messages/entity-ref.ts';
import type { Resource, Scope } from '../messages/resource.ts';
import { readAttribute } from './decode-attributes.ts';
import { readEntityRef } from './decode-entity-ref.ts';
import { ProtobufReader } from './reader.ts';

/** Reads one Resource message. @throws RangeError for malformed bytes */
export function decodeResource(raw: Uint8Array, schemaUrl: string): Resource {
  return readResource(new ProtobufReader(raw), raw, schemaUrl);
}

/** Reads one InstrumentationScope message. @throws RangeError for malformed bytes */
export function decodeScope(raw: Uint8Array, schemaUrl: string): Scope {
  return readScope(new ProtobufReader(raw), raw, schemaUrl);
}

/** Reads the Resource message that `reader` begins with; `raw` is the same bytes. @throws RangeError; LimitError */
export function readResource(reader: ProtobufReader, raw: Uint8Array, schemaUrl: string): Resource {
  const attributes: Attribute[] = [];
  const entityRefs: EntityRef[] = [];
  let droppedAttributesCount = 0;
  while (!reader.done) {
    const tag = reader.tag();
    if (tag === ResourceFields.attributes) attributes.push(readAttribute(reader, 0));
    else if (tag === ResourceFields.droppedAttributesCount) droppedAttributesCount = reader.uint32();
    else if (tag === ResourceFields.entityRefs) entityRefs.push(readEntityRef(reader));
    else reader.skip(tag);
  }
  return { attributes, droppedAttributesCount, ...(entityRefs.length > 0 && { entityRefs }), schemaUrl, raw };
}

/** Reads the InstrumentationScope message that `reader` begins with; `raw` is the same bytes. @throws RangeError; LimitError */
export function readScope(reader: ProtobufReader, raw: Uint8Array, schemaUrl: string): Scope {
  const attributes: Attribute[] = [];
  let name = '';
  let version = '';
  let droppedAttributesCount = 0;
  while (!reader.done) {
    const tag = reader.tag();
    if (tag === InstrumentationScopeFields.name) name = reader.text();
    else if (tag === InstrumentationScopeFields.version) version = reader.text();
    else if (tag === InstrumentationScopeFields.attributes) attributes.push(readAttribute(reader, 0));
    else if (tag === InstrumentationScopeFields.droppedAttributesCount)
      droppedAttributesCount = reader.uint32();
    else reader.skip(tag);
  }
  return { name, version, attributes, droppedAttributesCount, schemaUrl, raw };
}
