import { EntityRefFields, InstrumentationScopeFields } from '../fields/common.ts';
import { ResourceFields } from '../fields/resource.ts';
import type { Attribute } from '../messages/attributes.ts';
import type { EntityRef, Resource, Scope } from '../messages/resource.ts';
import { readAttribute } from './decode-attributes.ts';
import { ProtobufReader, readFields, readMessage } from './reader.ts';

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
  readFields(reader, {
    [ResourceFields.attributes]: () => attributes.push(readAttribute(reader, 0)),
    [ResourceFields.droppedAttributesCount]: () => (droppedAttributesCount = reader.uint32()),
    [ResourceFields.entityRefs]: () => entityRefs.push(readEntityRef(reader)),
  });
  return { attributes, droppedAttributesCount, ...(entityRefs.length > 0 && { entityRefs }), schemaUrl, raw };
}

/** Reads the InstrumentationScope message that `reader` begins with; `raw` is the same bytes. @throws RangeError; LimitError */
export function readScope(reader: ProtobufReader, raw: Uint8Array, schemaUrl: string): Scope {
  const attributes: Attribute[] = [];
  let name = '';
  let version = '';
  let droppedAttributesCount = 0;
  readFields(reader, {
    [InstrumentationScopeFields.name]: () => (name = reader.text()),
    [InstrumentationScopeFields.version]: () => (version = reader.text()),
    [InstrumentationScopeFields.attributes]: () => attributes.push(readAttribute(reader, 0)),
    [InstrumentationScopeFields.droppedAttributesCount]: () => (droppedAttributesCount = reader.uint32()),
  });
  return { name, version, attributes, droppedAttributesCount, schemaUrl, raw };
}

/** Reads an EntityRef whose tag was read. @throws RangeError for malformed bytes; LimitError */
function readEntityRef(reader: ProtobufReader): EntityRef {
  reader.spend();
  let schemaUrl = '';
  let type = '';
  const idKeys: string[] = [];
  const descriptionKeys: string[] = [];
  const addKey = (keys: string[]) => {
    reader.spend();
    keys.push(reader.text());
  };
  readMessage(reader, {
    [EntityRefFields.schemaUrl]: () => (schemaUrl = reader.text()),
    [EntityRefFields.type]: () => (type = reader.text()),
    [EntityRefFields.idKeys]: () => addKey(idKeys),
    [EntityRefFields.descriptionKeys]: () => addKey(descriptionKeys),
  });
  return { schemaUrl, type, idKeys, descriptionKeys };
}
