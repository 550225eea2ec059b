import type { Rule } from './finding.ts';
import { exceptionOf, isCallersFault, spanOf, withStatus } from './words.ts';

/** A failed request, with the error that caused the other errors. None when an earlier rule has explained the failure. */
export const failedRequest: Rule = {
  name: 'failed-request',
  find({ model, entry, cause: causes, recovered, taken }) {
    // Errors below an error belong to it. The list has the first error of each chain, in the order of spans.
    const failures: { readonly index: number; isExplained: boolean }[] = [];
    let until = 0;
    for (const index of model.errors) {
      if (index >= until) {
        until = model.end[index] ?? 0;
        failures.push({ index, isExplained: false });
      }
      const last = failures.at(-1);
      if (last !== undefined && taken.has(index)) last.isExplained = true;
    }
    return failures.flatMap(({ index, isExplained }) => {
      const cause = causes[index] ?? index;
      if (isExplained || entry[index] !== index || isCallersFault(model.statusCode(index))) return [];
      const began = cause === index ? '' : `; the error began in ${spanOf(model, cause)}`;
      const again = recovered.has(index) ? ', and succeeded when it was tried again' : '';
      // A library's span may have failed without an exception that the request then has.
      const exception = exceptionOf(model, cause) ?? exceptionOf(model, index);
      return {
        sentence: `${spanOf(model, index)} failed${withStatus(model, index)}${again}${began}`,
        ...(exception !== undefined && { exception }),
        advice:
          exception === undefined
            ? 'No exception was recorded: look at the log lines of the span where it began.'
            : 'Look at the exception of the span where it began.',
        indexes: cause === index ? [index] : [cause, index],
        cost: model.length[index] ?? 0,
      };
    });
  },
};
