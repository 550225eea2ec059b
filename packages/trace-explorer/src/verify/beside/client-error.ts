import { counted } from '../../traces/findings/words.ts';
import type { Rule } from '../rule.ts';

/** A 4xx response as an error of the server. */
export const clientError: Rule = {
  name: 'client-error',
  async find({ columns, count, text }) {
    const status = text('http.response.status_code');
    const found = await count({
      failed: `${columns.kind} = 'server' AND ${columns.error} AND regexp_full_match(${status}, '4[0-9][0-9]')`,
    });
    return found.map(({ key: _, ...each }) => ({
      ...each,
      sentence: `${counted(each.count, 'SERVER span')} with a response of 4xx and status Error, although the caller made the mistake`,
      mend: {
        node: 'if (status >= 500) span.setStatus({ code: SpanStatusCode.ERROR })',
        others: 'Status ERROR of SERVER spans for 5xx alone',
      },
    }));
  },
};
