import { counted } from '../../../../../lib/text/words.ts';
import { verifyRule } from '../../rule.ts';

/** Clocks of running machines differ by seconds. */
const LEAST_NS = 3_600_000_000_000n;

export const earlyChild = verifyRule({
  title: 'Spans that begin long before their parents',
  find: async ({ columns, find, share, inTime, ofService }) => {
    const { condition } = await share();
    const id = (span: string) => `hash(${columns.traceId}, ${span})`;
    const isJoined = `${columns.isSpan} AND ${condition}`;
    // No child of a parent in the range is early that begins in the range's last hour.
    return find(
      `WITH children AS MATERIALIZED (
        SELECT ${columns.service} AS service, ${id(columns.parentId)} AS parent, _time AS start, _seq AS example
        FROM spans WHERE _time < $2 - ${LEAST_NS} AND ${ofService} AND ${isJoined} AND ${columns.parentId} IS NOT NULL
      ), parents AS (
        SELECT ${id(columns.spanId)} AS parent, min(_time) AS above FROM spans
        WHERE ${inTime} AND ${isJoined} AND ${id(columns.spanId)} IN (SELECT parent FROM children) GROUP BY 1
      )
      SELECT service, count(*), max(example) FROM children JOIN parents USING (parent)
      WHERE start < above - ${LEAST_NS} GROUP BY 1 ORDER BY 1`,
    );
  },
  sentence: ({ count }) =>
    `${counted(count, 'span')} begin more than an hour before their parents: a clock, or the unit of a time, is wrong`,
  node: 'Synchronise the clocks of the machines (NTP); send times in nanoseconds',
});
