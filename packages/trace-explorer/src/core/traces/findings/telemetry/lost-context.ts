import type { FindingRule } from '../finding.ts';
import { nameOf, serviceOf, time } from '../words.ts';

/** A call at the edge of a trace whose other half is stored as another trace. */
export const lostContext: FindingRule = {
  name: 'lost-context',
  category: 'telemetry',
  cause: (place) => `${place} begins a trace of its own, because the context is lost`,
  find({ model }) {
    const found = model.lost(0);
    if (found === undefined) return [];
    const [name, service, length = 0] = [nameOf(model, 0), serviceOf(model, 0), model.length[0]];
    return [
      {
        sentence:
          found === 'before'
            ? `The trace begins with ${name}, a call of ${time(length)} by ${service}, which answers requests: the one that it answered is in another trace`
            : `The trace ends with ${name}, a call of ${time(length)} by ${service}: its callee sends spans, but none into this trace`,
        advice:
          found === 'before'
            ? 'Keep the active context up to the call: a callback or a queue lost it.'
            : 'Send traceparent along, and let CORS and proxies pass it.',
        indexes: [0],
        cost: 0,
      },
    ];
  },
};
