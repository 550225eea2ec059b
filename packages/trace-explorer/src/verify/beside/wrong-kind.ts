import { SPAN_MODELS } from '../../conventions/span-models.ts';
import { counted } from '../../traces/findings/words.ts';
import { kindIn } from '../reading.ts';
import type { Rule } from '../rule.ts';

/** Kinds that contradict the attributes of their spans. */
export const wrongKind: Rule = {
  name: 'wrong-kind',
  async find({ columns, count, text }) {
    const conditions = SPAN_MODELS.flatMap(({ signs, values, contradicts = [] }, at) =>
      contradicts.map((kind) => {
        const value = values === undefined ? 'IS NOT NULL' : `IN ('${values.join("', '")}')`;
        return [`${at} ${kind}`, `${kindIn(columns, [kind])} AND ${text(...signs)} ${value}`];
      }),
    );
    const found = await count(Object.fromEntries(conditions));
    return found.map(({ key, ...each }) => {
      const [at, kind = ''] = key.split(' ');
      const { what = '', kinds = [], signs = [] } = SPAN_MODELS[Number(at)] ?? {};
      const right = kinds.map((name) => name.toUpperCase());
      return {
        ...each,
        sentence: `${counted(each.count, `${kind.toUpperCase()} span`)} with ${signs[0]}: a ${what} is ${right.join(' or ')}`,
        mend: {
          node: `tracer.startSpan(name, { kind: SpanKind.${right[0]} })`,
          others: `The kind ${right.join(' or ')} where the span is started`,
        },
      };
    });
  },
};
