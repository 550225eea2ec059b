import type { TraceModel } from '../model/trace-model.ts';
import type { FindingRule } from './finding.ts';
import { say } from './sentence.ts';
import { exceptionText, isCallersFault, spanWords, whichOf, withStatus } from './words.ts';

/** A failed request, with the span where its error began. None when an earlier rule has explained the failure. */
export const failedRequest: FindingRule = {
  name: 'failed-request',
  category: 'errors',
  isPartial: true,
  cause: (place) => `${place} fails`,
  find(facts) {
    const { model, entry, origin: origins, recovered, claimedSpans } = facts;
    // Errors below an error belong to it. The list has the first error of each chain, in the order of spans.
    const failures: { readonly index: number; isExplained: boolean }[] = [];
    let until = 0;
    for (const index of model.errors) {
      if (index >= until) {
        until = model.end[index] ?? 0;
        failures.push({ index, isExplained: false });
      }
      const last = failures.at(-1);
      if (last !== undefined && claimedSpans.has(index)) last.isExplained = true;
    }
    return failures.flatMap(({ index, isExplained }) => {
      const origin = origins[index] ?? index;
      if (isExplained || entry[index] !== index || isCallersFault(model.statusCode(index))) return [];
      const began =
        origin === index
          ? ''
          : say`; the error began in ${spanWords(model, origin)}${whichOf(facts, origin)}`;
      const again = recovered.has(index) ? ', and succeeded at the next try' : '';
      const exception = nearestException(model, origin, index);
      return {
        sentence: say`${spanWords(model, index)} failed${withStatus(model, index)}${again}${began}`,
        ...(exception !== undefined && { exception }),
        advice:
          exception === undefined
            ? 'There is no exception: see whether a log line of the span where it began says more, or record the exception there.'
            : 'Look at the exception, and at the span where the error began.',
        indexes: origin === index ? [index] : [origin, index],
        cost: model.length[index] ?? 0,
        ...(origin === index && isDesigned(model, index) && { isFact: true as const }),
      };
    });
  },
};

/** An answer within so many nanoseconds was decided by the request alone. */
const AT_ONCE_NS = 50e6;

/**
 * Whether a request was turned away as its service was asked to: at once, with 503, without an exception, and with a word about when to
 * come back, or, where its sender does not tell of that, before it called anything.
 */
function isDesigned(model: TraceModel, index: number): boolean {
  if (model.kind(index) !== 'server' || model.statusCode(index) !== '503') return false;
  if (model.exception(index) !== undefined || (model.length[index] ?? 0) > AT_ONCE_NS) return false;
  return model.saysLater(index) || model.children[index] === 0;
}

/** The exception of the origin, or else of the nearest span above it, up to the request. A library may record none of its own. */
function nearestException(model: TraceModel, origin: number, request: number): string | undefined {
  for (let index = origin; index >= request; index = model.parent[index] ?? -1) {
    const exception = exceptionText(model, index);
    if (exception !== undefined) return exception;
  }
  return undefined;
}
