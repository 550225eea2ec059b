import { errorMessage } from '../../traces/model/error-origins.ts';
import type { ComparedPart, TraceModel } from '../../traces/model/trace-model.ts';
import { attemptAt } from './attempt.ts';
import { differenceOf } from './differences.ts';

const ROOTS: ComparedPart = { here: 0, there: 0 };

/**
 * What the one of two traces that failed did otherwise, in one sentence; undefined where both failed, or none.
 * @param part spans of both that are compared instead of their roots: attempts of a test, for example
 */
export function failedOtherwise(here: TraceModel, there: TraceModel, part = ROOTS): string | undefined {
  const [one, other] = [attemptOf(here, part.here), attemptOf(there, part.there)];
  if ((one.failure === '') === (other.failure === '')) return undefined;
  const [failed, passed] = one.failure === '' ? [other, one] : [one, other];
  return differenceOf([failed], [passed]).sentence;
}

function attemptOf(model: TraceModel, index: number) {
  const failure = model.error[index] === 1 ? errorMessage(model, index) || 'failed' : '';
  return attemptAt(model, [index], failure);
}
