import { counted } from '../../traces/findings/words.ts';
import type { Rule } from '../rule.ts';

/** Fewer names may all be operations of a large service. */
const MANY_NAMES = 200;
/** Spans per name. An operation of a service has more spans. */
const FEW_SPANS = 5;

/** A span name per user, or names that are nearly all different. */
export const namePerUser: Rule = {
  name: 'name-per-user',
  async find({ columns, count, read, text, within }) {
    const user = text('user.id', 'enduser.id', 'user.name', 'user.email');
    const found = await count({ user: `length(${user}) > 2 AND contains(${columns.name}, ${user})` });
    const many = await read(
      `SELECT ${columns.service}, approx_count_distinct(${columns.name}) AS names, count(*), max(_seq) FROM spans
      WHERE ${within} AND ${columns.isSpan} GROUP BY 1 HAVING names > ${MANY_NAMES} AND count(*) < names * ${FEW_SPANS} ORDER BY 1`,
    );
    const mend = {
      node: "tracer.startSpan('<operation>', { attributes: { 'user.id': id } })",
      others: 'One name per operation, and the user in the attribute user.id',
    };
    return [
      ...found.map(({ key: _, ...each }) => ({
        ...each,
        sentence: `${counted(each.count, 'span')} with the user in the name`,
        mend,
      })),
      ...many.map(([service, names, spans, example]) => ({
        service: String(service),
        sentence: `${counted(Number(spans), 'span')} with about ${counted(Number(names), 'different name')}`,
        mend,
        count: Number(spans),
        example: Number(example),
      })),
    ];
  },
};
