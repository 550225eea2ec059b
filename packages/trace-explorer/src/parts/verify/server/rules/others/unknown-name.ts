import { isReserved, knownAttribute, nearestKnown } from '../../../../../core/conventions/attributes.ts';
import { CORE_FIELDS } from '../../../../../core/fields/core-fields.ts';
import { verifyRule } from '../../rule.ts';

/** Fields that the explorer writes as Honeycomb does, and not the sender. */
const OWN = new Set([...CORE_FIELDS.keys(), 'telemetry.instrumentation_library']);

export const unknownName = verifyRule({
  title: 'Names that the conventions lack',
  find: ({ findFields }) =>
    findFields(
      (name) =>
        isReserved(name) && !OWN.has(name) && knownAttribute(name) === undefined && !isPartOfMap(name),
    ),
  sentence: ({ key: name, rows }) => {
    const nearest = nearestKnown(name);
    const instead = nearest === undefined ? '' : `; the nearest is ${nearest}`;
    return `${name} is on ${rows}: the semantic conventions have no such name in ${name.split('.')[0]}${instead}`;
  },
  node: ({ key: name }) => `span.setAttribute('${insteadOf(name)}', …) in place of '${name}'`,
  others: ({ key: name }) => `${insteadOf(name)} in place of ${name}`,
});

function insteadOf(name: string): string {
  return nearestKnown(name) ?? `myapp.${name.slice(name.indexOf('.') + 1)}`;
}

/** `gen_ai.input.messages.role`: a field that the store made of an entry of a map. */
function isPartOfMap(name: string): boolean {
  const parts = name.split('.');
  return parts.some((_, at) => at > 1 && knownAttribute(parts.slice(0, at).join('.'))?.type === 'array');
}
