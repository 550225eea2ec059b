import { namesFor } from '../../../conventions/attributes.ts';
import { SPAN_MODELS } from '../../../conventions/span-models.ts';
import { counted } from '../../../shared/words.ts';
import { kindIn } from '../../reading.ts';
import type { Rule } from '../../rule.ts';

/** An attribute is missing that the conventions require of a kind of span. A deprecated name counts, too. */
export const missingAttribute: Rule = async ({ columns, count, store, text }) => {
  const conditions = SPAN_MODELS.flatMap(({ signs, unless = [], kinds, required = {}, failed }, at) => {
    if (!signs.flatMap(namesFor).some((name) => store.fields().has(name))) return [];
    const others = unless.map((name) => ` AND ${text(name)} IS NULL`).join('');
    const of = `${kindIn(columns, kinds)} AND ${text(...signs)} IS NOT NULL${others}`;
    const status = failed === undefined ? '' : ` AND ${columns.error} = ${failed}`;
    return Object.entries(required).map(([name, same]) => [
      `${at} ${name}`,
      `${of} AND ${text(name, ...same)} IS NULL${status}`,
    ]);
  });
  const found = await count(Object.fromEntries(conditions));
  return found.map(({ key, ...each }) => {
    const [at, name = ''] = key.split(' ');
    const { what = '', page = '' } = SPAN_MODELS[Number(at)] ?? {};
    return { ...each, words: { name, page, counted: counted(each.count, what) } };
  });
};
