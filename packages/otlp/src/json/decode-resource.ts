import type { Resource, Scope } from '../messages/resource.ts';
import { encodeResource, encodeScope } from '../protobuf/encode-resource.ts';
import { readAttributes } from './decode-attributes.ts';
import type { JsonFields } from './json-fields.ts';

/** The Resource of a ResourceSpans, with its encoding in protobuf. @throws TypeError */
export function readResource(resourceSpans: JsonFields): Resource {
  const fields = resourceSpans.message('resource');
  const resource = {
    attributes: readAttributes(fields, 'attributes'),
    droppedAttributesCount: fields.uint32('droppedAttributesCount'),
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
