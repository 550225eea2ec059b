import { counted } from '../../traces/findings/words.ts';
import type { Found, Rule } from '../rule.ts';
import { usesIn } from '../sample.ts';

/** Shorter values may be whole: ids have equal lengths. */
const SHORTEST_LIMIT = 64;
/** Different values of one attribute with the longest length. Fewer may have it by chance. */
const LEAST_VALUES = 3;

/** Attributes that the sender's limits dropped or cut. */
export const cutAttributes: Rule = {
  name: 'cut-attributes',
  async find(reading) {
    const dropped = await usesIn(reading, ({ dropped }) => (dropped > 0 ? ['dropped'] : []));
    return [
      ...dropped.map(
        ({ key: _, ...each }): Found => ({
          ...each,
          sentence: `The sender’s limits dropped attributes, events or links of ${counted(each.count, 'row')}`,
          mend: limits(
            'OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT, OTEL_SPAN_EVENT_COUNT_LIMIT, OTEL_SPAN_LINK_COUNT_LIMIT',
          ),
        }),
      ),
      ...(await cutValues(reading)),
    ];
  },
};

/** Attributes of a service with several values of its longest length, beside shorter ones. */
async function cutValues(reading: Parameters<Rule['find']>[0]): Promise<Found[]> {
  const { rows } = await reading.sample();
  return [...Map.groupBy(rows, ({ service }) => service)].flatMap(([service, own]) => {
    const values = own.flatMap(({ seq, levels }) =>
      [...levels.row, ...levels.event].flatMap(({ key, value }) =>
        typeof value === 'string' ? [{ key, value, seq }] : [],
      ),
    );
    const longest = values.reduce((most, { value }) => Math.max(most, value.length), 0);
    if (longest < SHORTEST_LIMIT) return [];
    return [...Map.groupBy(values, ({ key }) => key)].flatMap(([key, all]) => {
      const cut = all.filter(({ value }) => value.length === longest);
      if (cut.length === all.length || new Set(cut.map(({ value }) => value)).size < LEAST_VALUES) return [];
      const [count, example] = [cut.length, cut.at(-1)?.seq ?? 0];
      const sentence = `${counted(count, 'value')} of ${key} with exactly ${longest} characters, as if a limit had cut them`;
      return [{ service, sentence, count, example, mend: limits('OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT') }];
    });
  });
}

function limits(names: string) {
  return { node: `A higher ${names}`, others: `A higher ${names}` };
}
