import type { Place } from '../../core/places/place.ts';
import { definedParams } from '../../core/places/place.ts';
import type { Measured, Row, Section } from '../../core/places/section.ts';
import { rangePlace } from '../../core/places/shown-range.ts';
import { isOpen, isProblem } from '../../core/problems/said.ts';
import { momentsOf } from '../../core/runs/run-words.ts';
import type { Run } from '../../core/runs/schemas.ts';
import { placeText } from '../../core/traces/model/code-place.ts';
import { formatDuration } from '../../lib/text/format-duration.ts';
import { quoted } from '../../lib/text/words.ts';
import { causeRow, errorText, knownSection, tracedRow } from './cause-rows.ts';
import type { Change } from './server/compare/change.ts';
import type { FlakyTest } from './server/flaky/schemas.ts';
import type { LongTest, RunReport } from './server/schemas.ts';

/** What a report says that could not read all. */
export const TRUNCATED = 'The report has not all: it reads 20,000 traces, each with at most 20,000 spans.';

/** A report for a reader. */
export type ToldReport = RunReport & {
  /** Problems that a file for code scanning lacks, because nobody knows their place in the repository. */
  readonly without_place?: number;
};

/** The section whose first row has its trace in Markdown. */
export const FAILING = 'Failing tests';

/** A section of a report: which changes it has, in their order, and whether they are bad news, good, or what may be wanted. */
interface SectionRule {
  readonly title: string;
  readonly news?: 'bad' | 'good';
  readonly takes: readonly (readonly [of: Change['of'], ...how: Change['how'][]])[];
}

/** The sections about changes, in their order. */
const SECTIONS = {
  causes: { title: 'New problems', news: 'bad', takes: [['cause', 'new', 'other']] },
  gone: { title: 'Gone', news: 'good', takes: [['cause', 'gone']] },
  calls: {
    title: 'Calls per request',
    takes: [
      ['calls', 'more'],
      ['calls', 'fewer'],
    ],
  },
  errors: { title: 'Errors', takes: [['errors']] },
  answers: { title: 'Answers', takes: [['status'], ['size']] },
  slower: { title: 'Slower', news: 'bad', takes: [['duration', 'slower']] },
  dependencies: { title: 'New dependencies', takes: [['dependency']] },
  renamed: { title: 'Renamed routes', takes: [['route', 'renamed']] },
  scores: { title: 'Telemetry’s score', takes: [['score']] },
  newTests: { title: 'New tests', takes: [['test', 'new']] },
  goneTests: { title: 'Tests that are gone', takes: [['test', 'gone']] },
  failing: { title: 'Newly failing', news: 'bad', takes: [['test', 'failing']] },
  mended: { title: 'Mended', news: 'good', takes: [['test', 'mended']] },
} as const satisfies Record<string, SectionRule>;

export type SectionName = keyof typeof SECTIONS;
const RULES = Object.entries<SectionRule>(SECTIONS) as readonly [SectionName, SectionRule][];

/** The changes of a section, in their order. */
export function changesIn(changes: readonly Change[], name: SectionName): Change[] {
  const { takes }: SectionRule = SECTIONS[name];
  return takes.flatMap(([of, ...how]) =>
    changes.filter((change) => change.of === of && (how.length === 0 || how.includes(change.how))),
  );
}

/** Whether a report tells of a change: not of what takes less time, nor of routes that one run did not ask for. */
export function hasSection(change: Change): boolean {
  return RULES.some(([name]) => changesIn([change], name).length > 0);
}

/**
 * The news beside the base, or without a base the problems; failing tests, the longest, and known problems. Sections without a row
 * are left out.
 * @param inFull with a row for each known problem, else with their number
 */
export function sectionsOf(
  { run, base, causes, changes, failing, flaky = [], longest, unseen }: ToldReport,
  { inFull = false }: { readonly inFull?: boolean } = {},
): Section[] {
  const news =
    changes === undefined
      ? [
          section('Problems', causes.filter(isProblem).map(causeRow), 'bad'),
          section('Facts', causes.filter((cause) => isOpen(cause) && cause.fact).map(causeRow)),
        ]
      : RULES.map(([name, { title, news }]) => {
          const rows = changesIn(changes, name).map((change) => rowOf(change, run));
          if (name !== 'causes' && name !== 'dependencies') return section(title, rows, news);
          return section(
            newsTitle(name === 'causes' ? 'problems' : name, base),
            rows,
            base?.weighted ? undefined : news,
          );
        });
  return [
    ...news,
    section(
      FAILING,
      failing.map((test) =>
        tracedRow(test, [test.test, ...(test.after ? [`after ${test.after}`] : []), test.message]),
      ),
      'bad',
    ),
    section('Flaky', flaky.map(flakyRow)),
    section('Longest tests', longest.map(longRow)),
    knownSection(causes, inFull, unseen),
  ].filter(({ rows }) => rows.length > 0);
}

/** A section of rows. */
export function section(title: string, rows: readonly Row[], news?: Section['news']): Section {
  return { title, sentences: [], rows, news };
}

/** Characters of the error of a flaky test. */
const LONGEST_MESSAGE = 200;

/** A test that failed and then passed, and what differs; its row leads to both attempts, at the difference. */
function flakyRow({ test, sentence, message, error, file, line, ...attempt }: FlakyTest): Row {
  const thrown = error === undefined ? '' : errorText(error);
  const details = [placeText({ file, line }), quoted(message, LONGEST_MESSAGE), thrown].filter(Boolean);
  return { cells: [test, sentence], details, place: attemptsPlace(attempt) };
}

/** Two attempts of a test beside each other. Of a runner that has all tests in one trace, a part of it each. */
export function attemptsPlace({
  trace_id: id,
  span_id,
  other_trace_id: compare,
  other_span_id,
  differs_at: span,
}: Pick<FlakyTest, 'trace_id' | 'span_id' | 'other_trace_id' | 'other_span_id' | 'differs_at'>): Place {
  const attempts = compare === id ? `${span_id}-${other_span_id}` : undefined;
  return { view: 'trace', id, params: definedParams({ compare, attempts, span }) };
}

/** A test, and where its time went. */
function longRow(test: LongTest): Row {
  const parts = { own: test.own_ms, SQL: test.database_ms, HTTP: test.http_ms, waiting: test.waiting_ms };
  const went = Object.entries(parts).filter(([, ms]) => ms >= 0.5);
  return {
    ...tracedRow(test, [test.test]),
    details: went.map(([name, ms]) => `${name} ${formatDuration(ms)}`),
    measured: { now: test.ms, own: test.own_ms, unit: 'ms' },
  };
}

/** `New problems`; where the base is a sample: `Problems that the base did not show`. */
export function newsTitle(of: 'problems' | 'dependencies', base: Run | undefined): string {
  if (!base?.weighted) return `New ${of}`;
  return `${of[0]?.toUpperCase()}${of.slice(1)} that the base did not show`;
}

function rowOf(change: Change, run: Run): Row {
  const { of, service, route = '', sentence, cause, sure, before, now } = change;
  if (cause !== undefined) return causeRow(cause);
  if (of === 'score') return { cells: [sentence], place: rangePlace('verify', momentsOf(run)) };
  if (of === 'dependency' || of === 'route' || of === 'test') return tracedRow(change, [sentence]);
  const details = sure?.by === 'test' ? [service, `in ${sure.test}`] : [service];
  const unit: Measured['unit'] = of === 'duration' ? 'ms' : 'calls';
  const measured = before !== undefined && now !== undefined && { measured: { before, now, unit } };
  return { ...tracedRow(change, [route, sentence]), details, ...measured };
}
