import { definedParams } from '../../core/places/place.ts';
import type { Row, Section } from '../../core/places/section.ts';
import { acceptedText, isOpen, knownText } from '../../core/problems/said.ts';
import { countText } from '../../core/problems/units.ts';
import { placeText } from '../../core/traces/model/code-place.ts';
import { times } from '../../lib/text/words.ts';
import type { Change, ReportedProblem } from './server/compare/change.ts';
import type { Unseen } from './server/schemas.ts';

/** A problem: its sentence, where it is, and how often it was seen. */
export function causeRow(cause: ReportedProblem): Row {
  const { sentence, route, test, advice, unit, requests: count = 0, seen } = cause;
  const sightings = seen !== undefined && countText({ unit, count, seen });
  const details = [
    sightings,
    cause.file && `at ${placeText(cause)}`,
    route && `in ${route}`,
    test && `shown by ${test}`,
    advice,
  ];
  return { ...tracedRow(cause, [sentence]), details: details.flatMap((text) => text || []) };
}

const TITLE = 'Known problems';

/** The problems that the project has accepted, and those of them that no longer occur. */
export function knownSection(
  causes: readonly ReportedProblem[],
  inFull: boolean,
  unseen: readonly Unseen[] = [],
): Section {
  const text = knownText(causes);
  const known = causes.filter((cause) => !isOpen(cause)).map(knownRow);
  const gone = unseen.map(({ sentence, asked }): Row => {
    const told =
      asked > 0
        ? `its route was asked ${times(asked)} without it: known prune --run FILE removes it`
        : 'its route was not asked in this run';
    return { cells: [sentence], details: [told] };
  });
  const count = text === '' ? [] : [text];
  if (inFull) return { title: TITLE, sentences: count, rows: [...known, ...gone] };
  return { title: TITLE, sentences: [], rows: [...count.map((cell) => ({ cells: [cell] })), ...gone] };
}

/** A problem, and who has accepted it, why and until when. */
function knownRow({ accepted, advice: _, ...cause }: ReportedProblem): Row {
  const row = causeRow(cause);
  return accepted
    ? { ...row, details: [...(row.details ?? []), `${acceptedText(accepted)}: ${accepted.why}`] }
    : row;
}

/** A row that leads to a trace, which is compared with a trace of the base where the base has one. */
export function tracedRow(
  { trace_id: id = '', base_trace_id: compare }: Pick<Change, 'trace_id' | 'base_trace_id'>,
  cells: readonly string[],
): Row {
  return { cells, place: { view: 'trace', id, params: definedParams({ compare }) } };
}

/** An error and where in the code it began: `Error “no stock” in GET /pay (src/pay.js:31)`. */
export function errorText({
  sentence,
  ...place
}: { readonly sentence: string } & Parameters<typeof placeText>[0]): string {
  return `${sentence} (${placeText(place)})`;
}
