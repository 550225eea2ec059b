import type { Accepted, UnseenEntry } from '../../../core/problems/file/accepted.ts';
import { isGated, judged } from '../../../core/problems/judge.ts';
import { isOpen, isProblem } from '../../../core/problems/said.ts';
import type { Change, ReportedProblem } from './compare/change.ts';
import type { RunReport, Unseen } from './schemas.ts';
import type { Verdict } from './verdict/schemas.ts';

/** A verdict whose accepted problems say by whom, and come last. These are never new. @param place as of `judgedReport` */
export function judgedVerdict(verdict: Verdict, accepted: Accepted, place: string | undefined): Verdict {
  const causes = verdict.causes.map((cause) => {
    const { sightings: _, ...told } = judged(cause, accepted, place);
    return told;
  });
  const known = causes.filter((cause) => !isOpen(cause)).map(({ new: _, last_of: _l, ...cause }) => cause);
  return { ...verdict, causes: [...causes.filter(isOpen), ...known] };
}

/** A verdict without the accepted problems. */
export function openVerdict(verdict: Verdict): Verdict {
  return { ...verdict, causes: verdict.causes.filter(isOpen) };
}

/**
 * A report with what the project has accepted: known problems come last, and are no news.
 * @param place of the run's folder in its repository; undefined where nobody knows
 */
export function judgedReport(report: RunReport, accepted: Accepted, place: string | undefined): RunReport {
  const mark = (cause: ReportedProblem) => judged(cause, accepted, place);
  const causes = report.causes.map(mark);
  const changes = report.changes?.flatMap((change): Change[] => {
    if (change.cause === undefined || change.how === 'gone') return [change];
    const cause = mark(change.cause);
    return isOpen(cause) ? [{ ...change, sentence: cause.sentence, cause }] : [];
  });
  const marked = [...causes.filter(isOpen), ...causes.filter((cause) => !isOpen(cause))];
  return { ...report, causes: marked, ...(changes && { changes }) };
}

/**
 * The problems that nobody has accepted, without facts: of errors and of calls. How long something takes differs with the machine, and what is logged
 * may be as it should.
 */
export function unknownCauses({ causes }: RunReport): ReportedProblem[] {
  return causes.filter((cause) => isProblem(cause) && isGated(cause));
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

/** A report for a reader, of which `judgedReport` has marked what is known: also what no longer occurs. */
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
  const without = ({ sightings: _, ...cause }: ReportedProblem) => cause;
  const changes = report.changes?.map((change) =>
    change.cause === undefined ? change : { ...change, cause: without(change.cause) },
  );
  return { ...report, causes: report.causes.map(without), ...(changes && { changes }) };
}
