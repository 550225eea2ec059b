import { levelOf } from '../../conventions/levels.ts';
import { counted } from '../../traces/findings/words.ts';
import type { Rule } from '../rule.ts';
import { findRows } from '../sample.ts';

/** Attributes of the semantic conventions are at the right level. */
export const res004: Rule = async (reading) => {
  const found = await findRows(reading, ({ signal, levels }) => [
    ...levels.resource.filter(({ key }) => levelOf(key) === 'operation').map(({ key }) => `resource ${key}`),
    ...levels.row.filter(({ key }) => levelOf(key) === 'resource').map(({ key }) => `${signal} ${key}`),
  ]);
  return found.map(({ key, ...each }) => {
    const [level, name = ''] = key.split(' ');
    const rows = counted(each.count, level === 'log' ? 'log record' : level === 'span' ? 'span' : 'row');
    const [says, stands, line, setting] =
      level === 'resource'
        ? [
            'describes one operation',
            'stands on the resource',
            `span.setAttribute('${name}', …)`,
            `${name} out of`,
          ]
        : [
            'describes the service',
            'is an attribute',
            `resourceFromAttributes({ '${name}': … })`,
            `${name}=… in`,
          ];
    return {
      ...each,
      words: { name, says, stands, rows, line, setting: `${setting} OTEL_RESOURCE_ATTRIBUTES` },
    };
  });
};
