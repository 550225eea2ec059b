import { counted } from '../../../../../lib/text/words.ts';
import { verifyRule } from '../../rule.ts';

/** Fewer names may all be operations of a large service. */
const MANY_NAMES = 200;
/** Spans per name. An operation of a service has more spans. */
const FEW_SPANS = 5;

export const namePerUser = verifyRule({
  title: 'A span name for each user',
  find: async ({ columns, find, findNames, names, text }) => {
    const user = text('user.id', 'enduser.id', 'user.name', 'user.email');
    const named = await findNames(
      `length(${user}) > 2 AND contains(${columns.name}, ${user})`,
      `replace(${columns.name}, ${user}, '')`,
      `min(${user}) <> max(${user})`,
    );
    const many = await find(
      `SELECT service, sum(spans), max(example), count(*) AS names FROM ${names} GROUP BY 1
      HAVING names > ${MANY_NAMES} AND sum(spans) < names * ${FEW_SPANS} ORDER BY 1`,
    );
    return [
      ...named.map((fault) => ({ ...fault, names: 'the user in the name' })),
      ...many.map((fault) => ({ ...fault, names: `about ${counted(fault.most, 'different name')}` })),
    ];
  },
  sentence: ({ count, names }) => `${counted(count, 'span')} with ${names}`,
  node: "tracer.startSpan('<operation>', { attributes: { 'user.id': id } })",
  others: 'One name per operation, and the user in the attribute user.id',
});
