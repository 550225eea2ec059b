import type { EntityRef, Resource, Scope } from '../messages/resource.ts';
import { encodeResource, encodeScope } from '../protobuf/encode-resource.ts';
import { readAttributes } from './decode-attributes.ts';
import type { JsonFields } from './json-fields.ts';

/** The Resource of a ResourceSpans, with its encoding in protobuf. @throws TypeError */
export function readResource(resourceSpans: JsonFields): Resource {
  const fields = resourceSpans.message('resource');
  const entityRefs = fields.messages('entityRefs').map(readEntityRef);
  const resource = {
    attributes: readAttributes(fields, 'attributes'),
    droppedAttributesCount: fields.uint32('droppedAttributesCount'),
    ...(entityRefs.length > 0 && { entityRefs }),
  };
  return { ...resource, schemaUrl: resourceSpans.text('schemaUrl'), raw: encodeResource(resource) };
}

/** The InstrumentationScope of a ScopeSpans, with its encoding in protobuf. @throws TypeError */
export function readScope(scopeSpans: JsonFields): Scope {
  const fields = scopeSpans.message('scope');
  const scope = {
    name: fields.text('name'),
    version: fields.text('version'),
    attributes: readAttributes(fields, 'attributes'),
    droppedAttributesCount: fields.uint32('droppedAttributesCount'),
  };
  return { ...scope, schemaUrl: scopeSpans.text('schemaUrl'), raw: encodeScope(scope) };
}

function readEntityRef(fields: JsonFields): EntityRef {
  return {
    schemaUrl: fields.text('schemaUrl'),
    type: fields.text('type'),
    idKeys: fields.texts('idKeys'),
    descriptionKeys: fields.texts('descriptionKeys'),
  };
}
