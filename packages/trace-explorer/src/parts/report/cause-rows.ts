import { definedParams } from '../../core/places/place.ts';
import type { Row, Section } from '../../core/places/section.ts';
import { times } from '../../lib/text/words.ts';
import { acceptedText, knownText } from '../causes/said.ts';
import { countText } from '../causes/units.ts';
import type { Change, ReportedCause } from './server/compare/change.ts';
import type { Unseen } from './server/schemas.ts';

/** Whether nobody has accepted a problem. */
export function isOpen({ known }: ReportedCause): boolean {
  return known === undefined;
}

/** A problem: its sentence, where it is, and how often it was seen. */
export function causeRow(cause: ReportedCause): Row {
  const { sentence, line, route, test, advice, unit, requests: count = 0, seen } = cause;
  const sightings = seen !== undefined && countText({ unit, count, seen });
  const details = [
    sightings,
    line && `at ${line}`,
    route && `in ${route}`,
    test && `shown by ${test}`,
    advice,
  ];
  return { ...tracedRow(cause, [sentence]), details: details.flatMap((text) => text || []) };
}

const TITLE = 'Known problems';

/** The problems that the project has accepted, and those of them that no longer occur. */
export function knownSection(
  causes: readonly ReportedCause[],
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
function knownRow({ known, advice: _, ...cause }: ReportedCause): Row {
  const row = causeRow(cause);
  return known ? { ...row, details: [...(row.details ?? []), `${acceptedText(known)}: ${known.why}`] } : row;
}

/** A row that leads to a trace, which is compared with a trace of the base where the base has one. */
export function tracedRow(
  { trace_id: id = '', base_trace_id: compare }: Pick<Change, 'trace_id' | 'base_trace_id'>,
  cells: readonly string[],
): Row {
  return { cells, place: { view: 'trace', id, params: definedParams({ compare }) } };
}
