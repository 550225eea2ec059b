import { isOpen, isProblem, saidOf } from '../../../core/problems/said.ts';
import type { Cause, CauseRow, CauseRows, Causes } from '../../../core/problems/schemas.ts';
import { placeIn } from '../../../core/traces/model/code-place.ts';

/** A list for people, who read its first rows: the rest comes with the cause, or when all are asked for. */
export function inRows(answer: Causes, rows: number): CauseRows {
  const { causes, more } = answer;
  const isShown = (cause: Cause) => isOpen(cause) && cause.hidden !== true;
  const open = causes.filter(isShown);
  const problems = open.filter(isProblem);
  const facts = open.filter((cause) => !isProblem(cause));
  // Facts stand last. Those that a person or the project has accepted have a list of their own.
  const first = [...problems, ...facts].slice(0, rows);
  const known = causes.filter((cause) => !isShown(cause));
  return {
    ...answer,
    causes: [...first, ...known].map(rowOf),
    problems: problems.length + more,
    more: open.length - first.length + more,
  };
}

function rowOf(cause: Cause): CauseRow {
  const { id, rule, service, name, fact, accepted, hidden, conversation } = cause;
  const { counted, traces, of, of_estimated, estimated, seen, counts } = cause;
  const { failed, lost_ms, first, new: isNew, usual, after, spark } = cause;
  return {
    ...{ id, rule, service, name, sentence: saidOf(cause), short: saidOf(cause, true), ...placeIn(cause) },
    ...{ counted, traces, of, failed, lost_ms, first, spark },
    ...(fact && { fact }),
    ...(accepted && { accepted }),
    ...(hidden && { hidden }),
    ...(conversation && { conversation }),
    ...(of_estimated !== undefined && { of_estimated }),
    ...(estimated && { estimated }),
    ...(seen !== undefined && { seen }),
    ...(counts && { counts }),
    ...(isNew && { new: isNew }),
    ...(usual !== undefined && { usual }),
    ...(after && { after }),
  };
}
