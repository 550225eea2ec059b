import { counted } from '../../traces/findings/words.ts';
import type { Rule } from '../rule.ts';

/** Root spans are not CLIENT spans. */
export const spa004: Rule = {
  name: 'SPA-004',
  impact: 'Important',
  async find({ columns, count }) {
    const found = await count({ root: `${columns.kind} = 'client' AND ${columns.parentId} IS NULL` });
    return found.map((each) => ({
      ...each,
      sentence: `${counted(each.count, 'CLIENT span')} at the beginning of a trace: nothing says which request or job made the call`,
      mend: {
        node: "tracer.startActiveSpan('<job>', …) around the call, and the instrumentation of the server",
        others: 'The instrumentation of the server, or a span around the job that makes the call',
      },
    }));
  },
};
