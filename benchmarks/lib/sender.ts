import type { Resource, Scope, SimpleValue } from '@tandem/otlp';
import { attributesOf, encodeResource, encodeScope } from '@tandem/otlp';

/** Resource and scope of what a sender exports, by the resource's attributes and the name and version of the scope. */
export function senderOf(
  attributes: Readonly<Record<string, SimpleValue>>,
  name: string,
  version = '',
): { readonly resource: Resource; readonly scope: Scope } {
  const resource = { attributes: attributesOf(attributes), droppedAttributesCount: 0, schemaUrl: '' };
  const scope = { name, version, attributes: [], droppedAttributesCount: 0, schemaUrl: '' };
  return {
    resource: { ...resource, raw: encodeResource(resource) },
    scope: { ...scope, raw: encodeScope(scope) },
  };
}
