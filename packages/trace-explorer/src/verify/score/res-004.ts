import { levelOf } from '../../conventions/levels.ts';
import { counted } from '../../traces/findings/words.ts';
import type { Rule } from '../rule.ts';
import { usesIn } from '../sample.ts';

/** Attributes of the semantic conventions are at the right level. */
export const res004: Rule = {
  name: 'RES-004',
  impact: 'Important',
  async find(reading) {
    const uses = await usesIn(reading, ({ signal, levels }) => [
      ...levels.resource
        .filter(({ key }) => levelOf(key) === 'operation')
        .map(({ key }) => `resource ${key}`),
      ...levels.row.filter(({ key }) => levelOf(key) === 'resource').map(({ key }) => `${signal} ${key}`),
    ]);
    return uses.map(({ key, ...found }) => {
      const [level, name = ''] = key.split(' ');
      const sentence =
        level === 'resource'
          ? `${name} describes one operation, but stands on the resource of ${counted(found.count, 'row')}`
          : `${name} describes the service, but is an attribute of ${counted(found.count, level === 'log' ? 'log record' : 'span')}`;
      const line =
        level === 'resource' ? `span.setAttribute('${name}', …)` : `resourceFromAttributes({ '${name}': … })`;
      const others =
        level === 'resource'
          ? `${name} out of OTEL_RESOURCE_ATTRIBUTES`
          : `OTEL_RESOURCE_ATTRIBUTES=${name}=…`;
      return { ...found, sentence, mend: { node: line, others } };
    });
  },
};
