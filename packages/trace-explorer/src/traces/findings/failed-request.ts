import type { Rule } from './finding.ts';
import { isCallersFault, spanOf, withStatus } from './words.ts';

/** A failed request, with the error that caused the other errors. None when an earlier rule has explained the failure. */
export const failedRequest: Rule = {
  name: 'failed-request',
  find({ model, entry, cause: causes, recovered, taken }) {
    // Errors below an error belong to it. The list has the first error of each chain, in the order of spans.
    const failures: { readonly place: number; isExplained: boolean }[] = [];
    let until = 0;
    for (const place of model.errors) {
      if (place >= until) {
        until = model.end[place] ?? 0;
        failures.push({ place, isExplained: false });
      }
      const { [failures.length - 1]: last } = failures;
      if (last !== undefined && taken.has(place)) last.isExplained = true;
    }
    return failures.flatMap(({ place, isExplained }) => {
      const { [place]: cause = place } = causes;
      if (isExplained || entry[place] !== place || isCallersFault(model.statusCode(place))) return [];
      const began = cause === place ? '' : `; the error began in ${spanOf(model, cause)}`;
      const again = recovered.has(place) ? ', and succeeded when it was tried again' : '';
      return {
        sentence: `${spanOf(model, place)} failed${withStatus(model, place)}${again}${began}`,
        advice: 'Look at the exception of the span where it began.',
        places: cause === place ? [place] : [cause, place],
        cost: model.length[place] ?? 0,
      };
    });
  },
};
