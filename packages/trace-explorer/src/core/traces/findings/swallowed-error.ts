import { getOrMake } from '../../../lib/get-or-make.ts';
import { times } from '../../../lib/text/words.ts';
import { isLeftOpen } from '../model/error-origins.ts';
import type { TraceModel } from '../model/trace-model.ts';
import type { TraceFacts } from './facts.ts';
import type { FindingRule } from './finding.ts';
import { say } from './sentence.ts';
import { isCallersFault, nameOf, serviceWords, spanWords, withStatus } from './words.ts';

/**
 * An error below a span without an error: the request was answered as if nothing had happened. An answer that blames the caller, such
 * as 409, has told of an error within the service: of a value that the table refused, or of a check. Of another service it hides that
 * this one failed.
 */
export const swallowedError: FindingRule = {
  name: 'swallowed-error',
  category: 'errors',
  isPartial: true,
  cause: (place) => `${place} fails, and nobody says so`,
  find(facts) {
    const { model, entry, origin: origins, recovered, takenInstead } = facts;
    const groups = new Map<string, number[]>();
    for (const index of model.errors) {
      if (!isSwallowed(facts, index) || recovered.has(index) || takenInstead.has(index)) continue;
      const key = `${entry[index]} ${model.service(index)} ${model.name(index)} ${model.statusCode(index)}`;
      getOrMake(groups, key, () => []).push(index);
    }
    return [...groups.values()].map((indexes) => {
      const [first = 0] = indexes;
      const origin = origins[first] ?? first;
      const often = indexes.length === 1 ? '' : ` ${times(indexes.length)}`;
      const where =
        origin === first ? '' : serviceWords(model, origin, (service) => ` because of ${service}`);
      return {
        sentence: say`${spanWords(model, first)} failed${withStatus(model, first)}${often}${where}, and ${endOf(model, entry[first] ?? -1)}`,
        advice: 'Let the error through, or say in the answer what is missing.',
        indexes,
        cost: indexes.reduce((sum, index) => sum + (model.length[index] ?? 0), 0),
      };
    });
  },
};

/** How a request ended: `POST /orders went on without an error`, or `POST /orders answered 404`. */
function endOf(model: TraceModel, request: number): string {
  const status = blamedCaller(model, request);
  return `${nameOf(model, request)} ${status === undefined ? 'went on without an error' : `answered ${status}`}`;
}

/** The status with which a request blamed its caller; undefined where it did not. */
function blamedCaller(model: TraceModel, request: number): string | undefined {
  const status = model.statusCode(request);
  return model.kind(request) === 'server' && isCallersFault(status) ? status : undefined;
}

function isSwallowed({ model, entry, origin, claimedSpans }: TraceFacts, index: number): boolean {
  const [kind, up = -1] = [model.kind(index), model.parent[index]];
  if (up < 0 || kind === 'server' || kind === 'consumer' || model.service(up) !== model.service(index))
    return false;
  if (model.error[up] === 1 || model.error[entry[index] ?? -1] === 1) return false;
  if (isLeftOpen(model, index, entry[index] ?? -1)) return false;
  // A test that passes has asked for the error.
  if (isTest(model, entry[index] ?? -1)) return false;
  const isOfOther = kind === 'client' && !model.isDatabase(index);
  if (!isOfOther && blamedCaller(model, entry[index] ?? -1) !== undefined) return false;
  return (
    !claimedSpans.has(index) &&
    !claimedSpans.has(origin[index] ?? -1) &&
    !isCallersFault(model.statusCode(index))
  );
}

/** Whether a span is a test: a runner's own, or one with a name as telemetry gives it, `cart.test.js › pays`. */
function isTest(model: TraceModel, index: number): boolean {
  const isNamedAsOne = model.isTestRunner(index) || model.name(index).includes(' › ');
  return model.kind(index) === 'internal' && isNamedAsOne;
}
