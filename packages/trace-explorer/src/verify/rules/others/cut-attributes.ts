import { counted } from '../../../shared/words.ts';
import type { Found, Rule } from '../../rule.ts';
import type { Sample } from '../../sample.ts';
import { findRows } from '../../sample.ts';

/** Shorter values may be whole: ids have equal lengths. */
const SHORTEST_LIMIT = 64;
/** Different values of one attribute with the longest length. Fewer may have it by chance. */
const LEAST_VALUES = 3;
const COUNT_LIMITS =
  'OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT, OTEL_SPAN_EVENT_COUNT_LIMIT or OTEL_SPAN_LINK_COUNT_LIMIT';

/** Attributes that the sender's limits dropped or cut. */
export const cutAttributes: Rule = async (reading) => {
  const dropped = await findRows(reading, ({ dropped }) => (dropped > 0 ? ['dropped'] : []));
  return [
    ...dropped.map((each) => {
      const what = `Limits of the sender dropped attributes, events or links of ${counted(each.count, 'row')}`;
      return { ...each, words: { what, limit: COUNT_LIMITS } };
    }),
    ...cutValues(await reading.sample()),
  ];
};

/** Attributes of a service with several values of its longest length, beside shorter ones. */
function cutValues({ rows }: Sample): Found[] {
  return [...Map.groupBy(rows, ({ service }) => service)].flatMap(([service, own]) => {
    const values = own.flatMap(({ seq, levels }) =>
      [...levels.row, ...levels.event].flatMap(({ key, value }) =>
        typeof value === 'string' ? [{ key, value, seq }] : [],
      ),
    );
    const longest = values.reduce((most, { value }) => Math.max(most, value.length), SHORTEST_LIMIT);
    return [...Map.groupBy(values, ({ key }) => key)].flatMap(([key, all]) => {
      const cut = all.filter(({ value }) => value.length === longest);
      if (cut.length === all.length || new Set(cut.map(({ value }) => value)).size < LEAST_VALUES) return [];
      const what = `${counted(cut.length, 'value')} of ${key} with exactly ${longest} characters, as if a limit had cut them`;
      const words = { what, limit: 'OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT' };
      return [{ service, count: cut.length, example: cut.at(-1)?.seq ?? 0, words }];
    });
  });
}
