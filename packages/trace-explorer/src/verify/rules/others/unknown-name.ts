import { isReserved, knownAttribute, nearestKnown } from '../../../conventions/attributes.ts';
import { CORE_FIELDS } from '../../../fields/core-fields.ts';
import type { Rule } from '../../rule.ts';

/** Fields that the explorer writes as Honeycomb does, and not the sender. */
const OWN = new Set([...CORE_FIELDS.keys(), 'telemetry.instrumentation_library']);

/** Names that the conventions lack, in a namespace that is theirs. */
export const unknownName: Rule = async ({ countFields }) => {
  const found = await countFields(
    (name) => isReserved(name) && !OWN.has(name) && knownAttribute(name) === undefined && !isPartOfMap(name),
  );
  return found.map(({ key: name, ...each }) => {
    const [nearest, [namespace = '', ...rest]] = [nearestKnown(name), name.split('.')];
    return {
      ...each,
      words: {
        ...each.words,
        namespace,
        nearest: nearest === undefined ? '' : `; the nearest is ${nearest}`,
        instead: nearest ?? `myapp.${rest.join('.')}`,
      },
    };
  });
};

/** `gen_ai.input.messages.role`: a field that the store made of an entry of a map. */
function isPartOfMap(name: string): boolean {
  const parts = name.split('.');
  return parts.some((_, at) => at > 1 && knownAttribute(parts.slice(0, at).join('.'))?.type === 'array');
}
