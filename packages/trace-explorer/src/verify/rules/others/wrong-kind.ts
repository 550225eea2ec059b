import { SPAN_MODELS } from '../../../conventions/span-models.ts';
import { kindIn } from '../../reading.ts';
import type { Rule } from '../../rule.ts';

/** Kinds that contradict the attributes of their spans. */
export const wrongKind: Rule = async ({ columns, count, text }) => {
  const conditions = SPAN_MODELS.flatMap(({ signs, values, contradicts = [] }, at) =>
    contradicts.map((kind) => {
      const value = values === undefined ? 'IS NOT NULL' : `IN ('${values.join("', '")}')`;
      return [`${at} ${kind}`, `${kindIn(columns, [kind])} AND ${text(...signs)} ${value}`];
    }),
  );
  const found = await count(Object.fromEntries(conditions));
  return found.map(({ key, ...each }) => {
    const [at, kind = ''] = key.split(' ');
    const { what = '', kinds = [], signs: [name = ''] = [] } = SPAN_MODELS[Number(at)] ?? {};
    const right = kinds.map((each) => each.toUpperCase()).join(' or ');
    return { ...each, words: { kind: kind.toUpperCase(), name, what, right } };
  });
};
