import { aliasesOf } from '../../../../../core/conventions/attributes.ts';
import { SPAN_MODELS } from '../../../../../core/conventions/span-models.ts';
import { counted } from '../../../../../lib/text/words.ts';
import { kindIn } from '../../reading.ts';
import { verifyRule } from '../../rule.ts';

/** An attribute is missing that the conventions require of a kind of span. A deprecated name counts, too. */
export const missingAttribute = verifyRule({
  title: 'Required attributes are missing',
  find: ({ columns, countEach, store, text }) =>
    countEach(
      SPAN_MODELS.flatMap((model) => {
        const { signs, unless = [], kinds, required = {}, failed } = model;
        if (!signs.flatMap(aliasesOf).some((name) => store.fields().has(name))) return [];
        const others = unless.map((name) => ` AND ${text(name)} IS NULL`).join('');
        const of = `${kindIn(columns, kinds)} AND ${text(...signs)} IS NOT NULL${others}`;
        const status = failed === undefined ? '' : ` AND ${columns.error} = ${failed}`;
        return Object.entries(required).map(([name, same]) => ({
          key: { model, name },
          condition: `${of} AND ${text(name, ...same)} IS NULL${status}`,
        }));
      }),
    ),
  sentence: ({ count, key: { model, name } }) =>
    `${counted(count, model.what)} without ${name}, which the conventions require (${model.page})`,
  node: ({ key: { name } }) =>
    `A newer version of the instrumentation, or span.setAttribute('${name}', …) in its requestHook`,
  others: ({ key: { name } }) => `A newer version of the instrumentation, or ${name} set in its hook`,
});
