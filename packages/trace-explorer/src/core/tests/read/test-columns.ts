import { firstField, readField } from '../../store/read/field-sql.ts';
import { number, text } from '../../store/read/named-columns.ts';
import type { SpanStore } from '../../store/store.ts';
import type { TraceModel } from '../../traces/model/trace-model.ts';
import { spanColumns } from '../../traces/read/span-columns.ts';
import { replacedSql } from './test-executions.ts';

/** Vitest's spans of an attempt, in their order: the result of their parent, the test, is that of its last attempt. */
export const VITEST_PARTS = ['beforeEach', 'callback', 'afterEach'].map(
  (part) => `vitest.test.runner.test.${part}`,
);
const [BEGIN = '', BODY = ''] = VITEST_PARTS;

/** SQL of whether a span is none of a test, of a suite, or of the runner's own: these have the names that people give to tests. */
export function isNoTest(store: SpanStore): string {
  const test = firstField(store.fields(), 'test.case.name', 'test.suite.name');
  return `(NOT ${spanColumns(store).isTestRunner} AND ${test} IS NULL)`;
}

/**
 * SQL of a select over the attempts of tests: `seq` (of the span), `run`, `test` (equal for attempts of one test, and of all tests of its name), `status`
 * (`pass`, `fail`, `skip`), `part` (whether the span is one of several of an attempt), `again` (whether the test may have run before), `superseded` (whether the test ran
 * again, so that this attempt does not decide) and `replaced` (whether it did so because a runner watches: then the attempt is none of the test). A runner that tells no attempts has one of each span, and Vitest's are the spans
 * below a test.
 * @param run SQL of the run's id @param condition on the spans of tests, and of their parts
 */
export function attemptsSql(store: SpanStore, run: string, condition = 'true'): string {
  const c = spanColumns(store);
  const fields = store.fields();
  const field = (name: string) => readField(fields, name, 'VARCHAR');
  const nth = `coalesce(${readField(fields, 'tandem.test.attempt', 'BIGINT')}, 0)`;
  const status = `coalesce(${field('test.case.result.status')}, CASE WHEN ${c.error} THEN 'fail' ELSE 'pass' END)`;
  const key = `hash(${run}, ${c.service}, ${['code.file.path', 'test.case.name', 'tandem.test.group', 'tandem.test.execution'].map(field).join(', ')})`;
  const replaced = replacedSql(store, run, condition);
  const isReplaced = (seq: string) => (replaced === undefined ? 'false' : `${seq} IN (FROM replaced)`);
  const spans = `FROM spans WHERE ${c.isSpan} AND ${condition}`;
  const ofTests = fields.has('test.case.name')
    ? `SELECT seq, run, own.test, status, false, own.nth > 0,
        ${isReplaced('seq')} OR row_number() OVER (PARTITION BY own.test, own.nth ORDER BY status <> 'fail', time, seq) <= coalesce(made, 0), ${isReplaced('seq')}
      FROM own LEFT JOIN levels ON levels.test = own.test AND levels.nth = own.nth + 1`
    : '';
  const isPartReplaced =
    replaced === undefined
      ? 'false'
      : `test IN (SELECT hash(${c.traceId}, ${c.spanId}) FROM spans WHERE _seq IN (FROM replaced))`;
  const ofVitest = fields.has('vitest.test.name')
    ? `SELECT _seq, ${run}, hash(${c.traceId}, ${c.spanId}), 'pass', false, true, ${isReplaced('_seq')}, ${isReplaced('_seq')} ${spans} AND ${field('vitest.test.name')} IS NOT NULL AND ${field('vitest.test.mode')} = 'run'
      UNION ALL SELECT seq, run, test, status, true, false, ${isPartReplaced} OR coalesce(time < last, false), ${isPartReplaced} FROM (
      SELECT *, coalesce(max(time) FILTER (WHERE name = '${BEGIN}') OVER same, max(time) FILTER (WHERE name = '${BODY}') OVER same) AS last FROM (
        SELECT _seq AS seq, ${run} AS run, hash(${c.traceId}, ${c.parentId}) AS test, CASE WHEN ${c.error} THEN 'fail' ELSE 'pass' END AS status, ${c.name} AS name, _time AS time
        ${spans} AND ${c.name} IN (${VITEST_PARTS.map((name) => `'${name}'`).join(', ')}))
      WINDOW same AS (PARTITION BY test))`
    : '';
  const none = `SELECT 0::BIGINT AS seq, '' AS run, 0::UBIGINT AS test, '' AS status, false AS part, false AS again, false AS superseded, false AS replaced WHERE false`;
  const tables = [none, ofTests, ofVitest].filter(Boolean).join('\nUNION ALL ');
  const own = `own AS (SELECT _seq AS seq, ${run} AS run, ${key} AS test, ${status} AS status, ${nth} AS nth, _time AS time
      ${spans} AND ${field('test.case.name')} IS NOT NULL),
    levels AS (SELECT test, nth, count(*) AS made FROM own GROUP BY 1, 2)`;
  const named = [
    ...(replaced === undefined ? [] : [`replaced AS (${replaced})`]),
    ...(ofTests === '' ? [] : [own]),
  ];
  return `(${named.length === 0 ? '' : `WITH ${named.join(',\n')}\n`}${tables})`;
}

/**
 * SQL of whether a span decides: of a test that ran again only its last attempt does, with all that this one called.
 * @param run SQL of the run's id @param condition on the spans of tests, and of their parts
 */
export function decides(store: SpanStore, run: string, condition = 'true'): string {
  const fields = store.fields();
  const { spanId, parentId, traceId, isSpan } = spanColumns(store);
  const attempts = attemptsSql(store, run, condition);
  // Vitest has all tests in one trace. Spans may lie in a circle, which UNION leaves.
  const ofVitest = `_seq NOT IN (WITH RECURSIVE again AS (SELECT seq FROM ${attempts} WHERE superseded AND part), below AS (
      SELECT ${traceId} AS trace, ${spanId} AS id, _seq AS seq FROM spans WHERE _seq IN (FROM again)
      UNION SELECT each.trace, each.id, each.seq FROM below JOIN (
        SELECT ${traceId} AS trace, ${spanId} AS id, ${parentId} AS parent, _seq AS seq FROM spans
        WHERE ${isSpan} AND ${traceId} IN (SELECT ${traceId} FROM spans WHERE _seq IN (FROM again))
      ) AS each ON each.trace = below.trace AND each.parent = below.id)
    SELECT seq FROM below)`;
  return `${isOfDecidingTrace(store, run, condition)} AND ${fields.has('vitest.test.name') ? ofVitest : 'true'}`;
}

/**
 * SQL of whether a span is in no trace that is an attempt of a test which ran again, and in none whose tests all ran again while their
 * runner watched. The parameters are those of `decides`.
 */
export function isOfDecidingTrace(store: SpanStore, run: string, condition = 'true'): string {
  const { parentId, traceId } = spanColumns(store);
  const attempts = attemptsSql(store, run, condition);
  const others: string[] = [];
  if (store.fields().has('tandem.test.attempt'))
    others.push(`SELECT ${traceId} FROM spans WHERE ${parentId} IS NULL
    AND _seq IN (SELECT seq FROM ${attempts} WHERE superseded AND NOT part)`);
  if (replacedSql(store, run, condition) !== undefined)
    others.push(`SELECT ${traceId} FROM spans JOIN (SELECT seq, replaced FROM ${attempts} WHERE NOT part) ON seq = _seq
    GROUP BY 1 HAVING bool_and(replaced)`);
  if (others.length === 0) return 'true';
  return `${traceId} NOT IN (${others.join(' UNION ALL ')})`;
}

/**
 * The spans of a trace that do not decide: of Vitest's tests that ran again all but the last attempt, with all that these called, as
 * `decides` leaves them out. Other runners have a trace for each attempt, and what a watching runner has replaced other traces tell.
 * @see isOfDecidingTrace
 */
export function undecidedIn(model: TraceModel): ReadonlySet<number> {
  const parts: number[] = [];
  for (let index = 0; index < model.count; index++)
    if (VITEST_PARTS.includes(model.name(index))) parts.push(index);
  const undecided = new Set<number>();
  for (const own of Map.groupBy(
    parts,
    (index) => model.missingParent(index) ?? model.parent[index],
  ).values()) {
    const first = own.some((index) => model.name(index) === BEGIN) ? BEGIN : BODY;
    const last = Math.max(
      ...own.filter((index) => model.name(index) === first).map((index) => model.offset[index] ?? 0),
    );
    for (const part of own.filter((index) => (model.offset[index] ?? 0) < last))
      for (let index = part; index < (model.end[part] ?? 0); index++) undecided.add(index);
  }
  return undecided;
}

/** Of each run how many tests it has (two of one name are two), and how many failed, or failed before they passed: a select to be joined by `run`. */
export function testCountsSql(store: SpanStore, run: string): string {
  const one = 'CASE WHEN part THEN test::HUGEINT ELSE seq::HUGEINT END';
  return `(SELECT run, sum(made) AS tests, sum(failed) AS failed, sum(CASE WHEN parted AND failed > 0 THEN 0 ELSE least(mended, lost) END) AS flaky FROM (
    SELECT run, test, bool_or(part) AS parted, count_if(again AND status = 'pass' AND NOT superseded) AS mended, count_if(NOT part AND NOT superseded AND status <> 'skip') AS made,
      count(DISTINCT ${one}) FILTER (WHERE status = 'fail' AND NOT superseded) AS failed, count_if(status = 'fail' AND superseded) AS lost
    FROM ${attemptsSql(store, run)} AS attempts WHERE run IS NOT NULL GROUP BY run, test) GROUP BY run)`;
}

/** The columns of `testCountsSql`. */
export const TEST_COUNTS = {
  run: text('run'),
  tests: number('tests'),
  failed: number('failed'),
  flaky: number('flaky'),
};
