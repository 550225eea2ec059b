import { SPAN_MODELS } from '../../../../../core/conventions/span-models.ts';
import { counted } from '../../../../../lib/text/words.ts';
import { kindIn } from '../../reading.ts';
import { verifyRule } from '../../rule.ts';

export const wrongKind = verifyRule({
  title: 'Spans of the wrong kind',
  find: ({ columns, countEach, text }) =>
    countEach(
      SPAN_MODELS.flatMap((model) => {
        const { signs, values, contradicts = [], kinds } = model;
        const right = kinds.map((kind) => kind.toUpperCase()).join(' or ');
        const value = values === undefined ? 'IS NOT NULL' : `IN ('${values.join("', '")}')`;
        return contradicts.map((kind) => ({
          key: { model, kind, right },
          condition: `${kindIn(columns, [kind])} AND ${text(...signs)} ${value}`,
        }));
      }),
    ),
  sentence: ({ count, key: { model, kind, right } }) =>
    `${counted(count, 'span')} of kind ${kind.toUpperCase()} with ${model.signs[0]}: a ${model.what} is ${right}`,
  node: ({ key: { right } }) => `tracer.startSpan(name, { kind: SpanKind.${right} })`,
  others: ({ key: { right } }) => `The kind ${right} where the span is started`,
});
