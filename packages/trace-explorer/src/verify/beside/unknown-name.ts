import { isReserved, knownAttribute, nearestKnown, SEMCONV_VERSION } from '../../conventions/attributes.ts';
import { CORE_FIELDS } from '../../fields/core-fields.ts';
import { countFields } from '../count-fields.ts';
import type { Rule } from '../rule.ts';

/** Fields that the explorer writes as Honeycomb does, and not the sender. */
const OWN = new Set([...CORE_FIELDS.keys(), 'telemetry.instrumentation_library']);

/** Names that the conventions lack, in a namespace that is theirs. */
export const unknownName: Rule = {
  name: 'unknown-name',
  async find(reading) {
    const isUnknown = (name: string) =>
      isReserved(name) && !OWN.has(name) && knownAttribute(name) === undefined && !isPartOfMap(name);
    const found = await countFields(reading, isUnknown);
    return found.map(({ name, rows, ...each }) => {
      const near = nearestKnown(name);
      const namespace = name.slice(0, name.indexOf('.'));
      const own = name.replace(/^[^.]+/, 'myapp');
      const instead = near ?? own;
      return {
        ...each,
        sentence: `${name} is on ${rows}: the conventions ${SEMCONV_VERSION} have no such name in ${namespace}${near === undefined ? '' : `; the nearest is ${near}`}`,
        mend: {
          node: `span.setAttribute('${instead}', …) in place of '${name}'`,
          others: `${instead} in place of ${name}`,
        },
      };
    });
  },
};

/** `gen_ai.input.messages.0.role`: a field that the store made of an entry of a map. */
function isPartOfMap(name: string): boolean {
  const parts = name.split('.');
  return parts.some(
    (_, at) => at > 1 && at < parts.length && knownAttribute(parts.slice(0, at).join('.'))?.type === 'array',
  );
}
