import type { Accepted, SightedKind, UnseenEntry } from '../../../core/runs/accepted.ts';
import { categoryOf, isRule } from '../../causes/server/about.ts';
import { markKnown } from '../../causes/server/known/mark-known.ts';
import type { Change, ReportedCause } from './compare/change.ts';
import type { RunReport, Unseen } from './schemas.ts';

/**
 * A report with what the project has accepted: known problems come last, and are no news.
 * @param place of the run's folder in its repository; undefined where nobody knows
 */
export function withKnown(report: RunReport, accepted: Accepted, place: string | undefined): RunReport {
  const mark = (cause: ReportedCause) => markKnown(cause, accepted, place, withKind);
  const causes = report.causes.map(mark);
  const isOpen = ({ known }: ReportedCause) => known === undefined;
  const changes = report.changes?.flatMap((change): Change[] => {
    if (change.cause === undefined || change.how === 'gone') return [change];
    const cause = mark(change.cause);
    return isOpen(cause) ? [{ ...change, sentence: cause.sentence, cause }] : [];
  });
  const marked = [...causes.filter(isOpen), ...causes.filter((cause) => !isOpen(cause))];
  return { ...report, causes: marked, ...(changes && { changes }) };
}

function withKind(cause: ReportedCause, { sentence, route, line, trace_id }: SightedKind): ReportedCause {
  const { line: _, advice: _a, ...rest } = cause;
  return { ...rest, sentence, route, ...(line !== undefined && { line }), trace_id };
}

/**
 * The problems that nobody has accepted: of errors and of calls. How long something takes differs with the machine, and what is logged
 * may be as it should.
 */
export function unknownCauses({ causes }: RunReport): ReportedCause[] {
  return causes.filter((cause) => cause.known === undefined && isGated(cause));
}

/** Whether a cause, or an entry, can fail a gate. An entry of a rule of another version cannot: nothing is known of what it is about. */
export function isGated({ rule }: { readonly rule: string }): boolean {
  return isRule(rule) && ['errors', 'calls'].includes(categoryOf(rule));
}

/**
 * The entries that a run does not show. Nothing is said of a run that has a part of its traces, and of problems that come and go
 * with the machine.
 */
export function unseenEntries(
  { run, truncated, causes, weak = [], asked = [] }: RunReport,
  accepted: Accepted,
  place: string | undefined,
): UnseenEntry[] {
  if (run.weighted || truncated) return [];
  const kinds = [...causes.flatMap(({ sightings = [] }) => sightings), ...weak];
  return accepted.unseen(kinds, asked, place).filter(({ entry }) => isGated(entry));
}

/** An entry that a run does not show, as a report tells it. */
function unseenTold({ entry, asked }: UnseenEntry): Unseen {
  const { service, route, rule, operation, sentence = `${rule} of ${operation}` } = entry;
  return { service, route, sentence, asked };
}

/** A report for a reader, of which `withKnown` has marked what is known: also what no longer occurs. */
export function toldOf(
  marked: RunReport,
  accepted: Accepted | undefined,
  place: string | undefined,
): RunReport {
  const unseen = accepted ? unseenEntries(marked, accepted, place) : [];
  return { ...withoutSightings(marked), ...(unseen.length > 0 && { unseen: unseen.map(unseenTold) }) };
}

/** A report for a reader, who needs no kind of sighting. */
function withoutSightings({ weak: _, asked: _a, ...report }: RunReport): RunReport {
  const without = ({ sightings: _, ...cause }: ReportedCause) => cause;
  const changes = report.changes?.map((change) =>
    change.cause === undefined ? change : { ...change, cause: without(change.cause) },
  );
  return { ...report, causes: report.causes.map(without), ...(changes && { changes }) };
}
