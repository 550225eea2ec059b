import { isOpen, isProblem, saidOf } from '../../../core/problems/said.ts';
import type { Cause, CauseRow, CauseRows, Causes } from '../../../core/problems/schemas.ts';
import { placeIn } from '../../../core/traces/model/code-place.ts';

/** Rows that are read before all others, and how many of these one service has where others have problems, too. */
const FIRST = 7;
const MOST_OF_SERVICE = 2;

/** A list for people, who read its first rows: the rest comes with the cause, or when all are asked for. */
export function inRows(answer: Causes, rows: number, isOfService: boolean): CauseRows {
  const { causes, more } = answer;
  const isShown = (cause: Cause) => isOpen(cause) && cause.hidden !== true;
  const open = causes.filter(isShown);
  const problems = open.filter(isProblem);
  const facts = open.filter((cause) => !isProblem(cause));
  // Facts stand last. Those that a person or the project has accepted have a list of their own.
  const { ordered, more: moreOf } = isOfService ? { ordered: problems } : amongServices(problems);
  const first = [...ordered, ...facts].slice(0, rows);
  const known = causes.filter((cause) => !isShown(cause));
  return {
    ...answer,
    causes: [...first, ...known].map((cause) => {
      const more = moreOf?.get(cause);
      return { ...rowOf(cause), ...(more !== undefined && { more_of_service: more }) };
    }),
    problems: problems.length + more,
    more: open.length - first.length + more,
  };
}

/**
 * Problems in their order, but the first rows have those of several services: one that fails in many ways hides no other.
 * @returns also the last cause of a service in these rows, with how many more the service has
 */
function amongServices(problems: readonly Cause[]) {
  const counts = new Map<string, number>();
  const chosen = new Set<Cause>();
  for (const cause of problems) {
    const count = counts.get(cause.service) ?? 0;
    if (chosen.size === FIRST || count === MOST_OF_SERVICE) continue;
    counts.set(cause.service, count + 1);
    chosen.add(cause);
  }
  const ordered = [...chosen, ...problems.filter((cause) => !chosen.has(cause))];
  const first = ordered.slice(0, FIRST);
  const more = new Map<Cause, number>();
  if (counts.size > 1)
    for (const [service, count] of counts) {
      const last = first.findLast((cause) => cause.service === service);
      const left = ordered.slice(FIRST).filter((cause) => cause.service === service).length;
      if (last !== undefined && left > 0 && count === MOST_OF_SERVICE) more.set(last, left);
    }
  return { ordered, more };
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
