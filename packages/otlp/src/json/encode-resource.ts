import type { EntityRefFields, InstrumentationScopeFields } from '../fields/common.ts';
import type { ResourceFields } from '../fields/resource.ts';
import type { ResourceContent, ScopeContent } from '../messages/resource.ts';
import { attributesToJson } from './encode-attributes.ts';
import type { JsonMessage } from './without-defaults.ts';
import { withoutDefaults } from './without-defaults.ts';

/** A Resource message in OTLP's JSON encoding. */
export function resourceToJson({
  attributes,
  droppedAttributesCount,
  entityRefs = [],
}: ResourceContent): JsonMessage {
  return withoutDefaults<typeof ResourceFields>({
    attributes: attributesToJson(attributes),
    droppedAttributesCount,
    entityRefs: entityRefs.map((ref) => withoutDefaults<typeof EntityRefFields>(ref)),
  });
}

/** An InstrumentationScope message in OTLP's JSON encoding. */
export function scopeToJson(scope: ScopeContent): JsonMessage {
  return withoutDefaults<typeof InstrumentationScopeFields>({
    name: scope.name,
    version: scope.version,
    attributes: attributesToJson(scope.attributes),
    droppedAttributesCount: scope.droppedAttributesCount,
  });
}
