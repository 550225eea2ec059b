import { counted } from '../../../../../lib/text/words.ts';
import type { Fault } from '../../rule.ts';
import { verifyRule } from '../../rule.ts';
import type { Sample } from '../../sample.ts';
import { findRows } from '../../sample.ts';

/** Shorter values may be whole: ids have equal lengths. */
const SHORTEST_LIMIT = 64;
/** Different values of one attribute with the longest length. Fewer may have it by chance. */
const LEAST_VALUES = 3;

export const cutAttributes = verifyRule({
  title: 'Cut values',
  find: async (reading): Promise<Cut[]> => {
    const dropped = await findRows(reading, ({ dropped }) => (dropped > 0 ? ['dropped'] : []));
    return [...dropped.map(({ key: _, ...fault }) => fault), ...cutValues(await reading.sample())];
  },
  sentence: ({ count, name, length }) =>
    name === undefined
      ? `Limits of the sender dropped attributes, events or links of ${counted(count, 'row')}`
      : `${counted(count, 'value')} of ${name} with exactly ${length} characters, as if a limit had cut them`,
  node: ({ name }) =>
    name === undefined
      ? 'A higher OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT, OTEL_SPAN_EVENT_COUNT_LIMIT or OTEL_SPAN_LINK_COUNT_LIMIT'
      : 'A higher OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT',
});

/** Rows with dropped parts, or cut values of one attribute. */
interface Cut extends Fault {
  readonly name?: string;
  readonly length?: number;
}

/** Attributes of a service with several values of its longest length, beside shorter ones. */
function cutValues({ rows }: Sample): Cut[] {
  return [...Map.groupBy(rows, ({ service }) => service)].flatMap(([service, own]) => {
    const values = own.flatMap(({ seq, levels }) =>
      [...levels.row, ...levels.event].flatMap(({ key, value }) =>
        typeof value === 'string' ? [{ key, value, seq }] : [],
      ),
    );
    const length = values.reduce((most, { value }) => Math.max(most, value.length), SHORTEST_LIMIT);
    return [...Map.groupBy(values, ({ key }) => key)].flatMap(([name, all]) => {
      const cut = all.filter(({ value }) => value.length === length);
      if (cut.length === all.length || new Set(cut.map(({ value }) => value)).size < LEAST_VALUES) return [];
      return [{ service, count: cut.length, example: cut.at(-1)?.seq ?? 0, name, length }];
    });
  });
}
