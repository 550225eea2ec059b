import { counted } from '../../../shared/words.ts';
import type { Rule } from '../../rule.ts';

/** Fewer names may all be operations of a large service. */
const MANY_NAMES = 200;
/** Spans per name. An operation of a service has more spans. */
const FEW_SPANS = 5;

/** A span name per user, or names that are nearly all different. */
export const namePerUser: Rule = async ({ columns, count, find, text, within }) => {
  const user = text('user.id', 'enduser.id', 'user.name', 'user.email');
  const found = await count({ user: `length(${user}) > 2 AND contains(${columns.name}, ${user})` });
  const many = await find(
    `SELECT ${columns.service}, count(*), max(_seq), approx_count_distinct(${columns.name}) AS names FROM spans
    WHERE ${within} AND ${columns.isSpan} GROUP BY 1 HAVING names > ${MANY_NAMES} AND count(*) < names * ${FEW_SPANS} ORDER BY 1`,
  );
  return [
    ...found.map((each) => ({ ...each, words: { what: 'the user in the name' } })),
    ...many.map(({ most, ...each }) => ({
      ...each,
      words: { what: `about ${counted(most, 'different name')}` },
    })),
  ];
};
