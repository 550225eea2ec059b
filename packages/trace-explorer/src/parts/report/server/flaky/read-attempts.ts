import { thrownAt } from '../../../../core/problems/occurrences.ts';
import { readShown } from '../../../../core/problems/read/read-shown.ts';
import type { ReadOptions, SpanStore } from '../../../../core/store/store.ts';
import type { Attempt } from '../../../../core/tests/attempts/attempt.ts';
import { attemptAt } from '../../../../core/tests/attempts/attempt.ts';
import type { TestAttempt } from '../../../../core/tests/read/test-spans.ts';
import { findSpans } from '../../../../core/traces/list/summaries.ts';
import type { CodePlace } from '../../../../core/traces/model/code-place.ts';
import type { TraceModel } from '../../../../core/traces/model/trace-model.ts';
import { readTogether } from '../read-run.ts';
import { readLoggedErrors } from './logged-errors.ts';

/** An attempt as its trace tells it, and where it failed. */
export interface TracedAttempt extends Attempt {
  readonly place: CodePlace | undefined;
}

/** Reads what attempts did. One whose trace is too large to be read is missing. */
export async function readAttempts(
  store: SpanStore,
  attempts: readonly TestAttempt[],
  options: ReadOptions,
): Promise<ReadonlyMap<TestAttempt, TracedAttempt>> {
  const found = new Map<TestAttempt, TracedAttempt>();
  const byTrace = Map.groupBy(attempts, ({ traceId }) => traceId);
  if (byTrace.size === 0) return found;
  for (const spans of readTogether(await findSpans(store, [...byTrace.keys()], options))) {
    const ids = spans.map(([id]) => String(id));
    const [{ models }, errors] = await Promise.all([
      readShown(store, ids, options, { spans, lost: false }),
      readLoggedErrors(store, ids, options),
    ]);
    for (const model of models)
      for (const attempt of byTrace.get(model.traceId) ?? []) {
        const indexes = attempt.spanIds.map((id) => model.indexOf(id)).filter((index) => index >= 0);
        if (indexes.length === 0) continue;
        const body = Math.max(model.indexOf(attempt.body), indexes[0] ?? 0);
        const traced = attemptAt(model, indexes, attempt.failure, { body, errors });
        found.set(attempt, { ...traced, place: placeOf(model, indexes, attempt) });
      }
  }
  return found;
}

/**
 * Where a test failed, in its own file: the line that its span has, else the one of its exception. A line of another file may be of
 * an assertion, or of a runner.
 */
function placeOf(
  model: TraceModel,
  indexes: readonly number[],
  { file, line }: TestAttempt,
): CodePlace | undefined {
  if (file === '') return undefined;
  if (line !== undefined) return { file, line };
  const thrown = indexes.flatMap((index) => {
    return (model.error[index] === 1 ? thrownAt(model, index) : undefined) ?? [];
  });
  return thrown.find((place) => place.file === file) ?? { file };
}
