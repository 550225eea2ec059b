import { testName } from '@tandem/telemetry/workspace';
import { getOrMake } from '../../../lib/get-or-make.ts';
import { readField } from '../../store/read/field-sql.ts';
import { flag, namedColumns, number, text } from '../../store/read/named-columns.ts';
import type { SpanStore } from '../../store/store.ts';
import { spanColumns } from '../../traces/read/span-columns.ts';
import { attemptsSql, VITEST_PARTS } from './test-columns.ts';

/** A span of a test, or of a suite, as it is stored. */
export interface TestSpan {
  readonly service: string;
  readonly file: string;
  /** Undefined for a suite. */
  readonly name: string | undefined;
  /** Why it failed; empty where it did not. */
  readonly failure: string;
  /** Whether the test ran again after this attempt: then the later one is the test. */
  readonly isSuperseded: boolean;
}

/** An attempt of a test in a run, by its spans: one, or Vitest's of its hooks and body. */
export interface TestAttempt {
  /** Equal for the attempts of one test. Two tests may have one name, and so one key. */
  readonly test: string;
  readonly traceId: string;
  readonly spanIds: readonly string[];
  /** The span that ends when the test is over, before hooks that clean up. */
  readonly body: string;
  readonly status: 'pass' | 'fail';
  /** Why it failed; empty where it did not. */
  readonly failure: string;
  /** Where the test stands, as its span says. */
  readonly file: string;
  readonly line?: number | undefined;
  /** Whether the test ran again after it, which decides then. */
  readonly isSuperseded: boolean;
}

/** The tests of a run. */
export interface TestsRead {
  /** Tests and suites by the ids of their spans, and Vitest's own spans. */
  readonly spans: ReadonlyMap<string, TestSpan>;
  /** The attempts of the tests of each key, in the order of time, without those that a watching runner has replaced. */
  readonly attempts: ReadonlyMap<string, readonly TestAttempt[]>;
}

/** Reads the spans of tests and suites, and of Vitest's own. A skipped test of Vitest has no name. */
export async function readTestSpans(
  store: SpanStore,
  ofRun: string,
  read: (sql: string) => Promise<readonly (readonly unknown[])[]>,
): Promise<TestsRead> {
  const c = spanColumns(store);
  const field = (name: string) => `coalesce(${readField(store.fields(), name, 'VARCHAR')}, '')`;
  const columns = namedColumns({
    id: text(c.spanId),
    traceId: text(c.traceId),
    parent: text(c.parentId),
    called: text(c.name),
    suite: text(field('vitest.suite.name')),
    project: text(field('vitest.project')),
    path: text(field('code.file.path')),
    line: text(field('code.line.number')),
    folder: text(field('cwd')),
    name: text(field('test.case.name')),
    ofVitest: text(
      `CASE WHEN ${field('vitest.test.mode')} = 'run' THEN ${field('vitest.test.name')} ELSE '' END`,
    ),
    failure: text(
      `CASE WHEN ${c.error} THEN coalesce(${c.exception}, ${c.statusMessage}, 'failed') ELSE '' END`,
    ),
    status: text('attempts.status'),
    nth: number(`coalesce(${readField(store.fields(), 'tandem.test.attempt', 'BIGINT')}, 0)`),
    isSuperseded: flag('attempts.superseded'),
    isReplaced: flag('attempts.replaced'),
    again: text(`concat_ws(chr(10), ${field('tandem.test.group')}, ${field('tandem.test.execution')})`),
    service: text(c.service),
  });
  const isTest = `${field('test.case.name')} || ${field('test.suite.name')} <> '' OR ${c.isTestRunner}`;
  const rows = await read(
    `SELECT ${columns.sql} FROM spans LEFT JOIN ${attemptsSql(store, "''", ofRun)} AS attempts ON attempts.seq = _seq
    WHERE ${ofRun} AND (${isTest}) ORDER BY _time, _seq`,
  );
  return testsOf(rows.map(columns.rowOf));
}

/** The key of a test in each run: its service, file and path. */
export function testKey({ service, file, name = '' }: Pick<TestSpan, 'service' | 'file' | 'name'>): string {
  return `${service}\n${file === '' ? name : `${file} › ${name}`}`;
}

type Text =
  | 'id'
  | 'traceId'
  | 'parent'
  | 'called'
  | 'suite'
  | 'project'
  | 'path'
  | 'line'
  | 'folder'
  | 'name'
  | 'ofVitest'
  | 'failure'
  | 'status'
  | 'service'
  | 'again';
type Row = Readonly<Record<Text, string>> & {
  readonly nth: number;
  readonly isSuperseded: boolean;
  readonly isReplaced: boolean;
};

/** A test of Vitest has the path of its suites, and fails with a child. */
function testsOf(rows: readonly Row[]): TestsRead {
  const pathOf = vitestPaths(rows);
  const parts = Map.groupBy(
    rows.filter(({ called }) => VITEST_PARTS.includes(called)),
    ({ parent }) => parent,
  );
  // Of the packages of a workspace, each has a folder of its own.
  const folders = new Map(rows.flatMap(({ folder, service }) => (folder ? [[service, folder]] : [])));
  const firsts = firstAttempts(rows.filter(({ isReplaced }) => !isReplaced));
  const spans = new Map<string, TestSpan>();
  const attempts = new Map<string, TestAttempt[]>();
  for (const row of rows) {
    const { id, path, name: own, ofVitest, service, status, line } = row;
    const folder = folders.get(service) ?? '';
    const file = path.startsWith(`${folder}/`) ? path.slice(folder.length + 1) : path;
    const below = ofVitest === '' ? [] : attemptsOf(parts.get(id) ?? [], file);
    const inSuites = pathOf(row)
      ?.map((each) => testName(each, folder))
      .join(' › ');
    const failure = own ? row.failure : (below.at(-1)?.failure ?? '');
    const name = status === 'skip' ? undefined : own || inSuites;
    const test = {
      service,
      file,
      name,
      failure,
      isSuperseded: row.isReplaced || (own !== '' && row.isSuperseded),
    };
    // A part of an attempt that does not decide is that attempt, which was told before as a part of the test.
    if (spans.get(id)?.isSuperseded !== true) spans.set(id, test);
    if (name === undefined) continue;
    for (const attempt of below.filter(({ isSuperseded }) => isSuperseded))
      for (const spanId of attempt.spanIds)
        spans.set(spanId, { ...test, failure: attempt.failure, isSuperseded: true });
    if (row.isReplaced) continue;
    const { traceId, isSuperseded } = row;
    const code = { file, ...(line !== '' && { line: Number(line) }) };
    const alone = {
      test: firsts.get(row) ?? id,
      traceId,
      spanIds: [id],
      body: id,
      failure,
      status: statusOf(failure),
      isSuperseded,
      ...code,
    };
    getOrMake(attempts, testKey(test), () => []).push(...(below.length > 0 ? below : [alone]));
  }
  return { spans, attempts };
}

/**
 * The id of the first attempt of the test that an attempt belongs to. Of tests of one name, the attempts that failed run again in
 * their order, as `attemptsSql` counts them.
 */
function firstAttempts(rows: readonly Row[]): ReadonlyMap<Row, string> {
  const firsts = new Map<Row, string>();
  const own = rows.filter(({ name }) => name !== '');
  for (const same of Map.groupBy(own, ({ service, path, name, again }) =>
    [service, path, name, again].join('\n'),
  ).values()) {
    const byNth = Map.groupBy(same, ({ nth }) => nth);
    for (const nth of [...byNth.keys()].toSorted((a, b) => a - b)) {
      const hasFailed = ({ status }: Row) => Number(status === 'fail');
      const before = byNth.get(nth - 1)?.toSorted((a, b) => hasFailed(b) - hasFailed(a));
      for (const [at, row] of (byNth.get(nth) ?? []).entries()) {
        const again = before?.[at];
        firsts.set(row, (again && firsts.get(again)) ?? row.id);
      }
    }
  }
  return firsts;
}

function statusOf(failure: string): TestAttempt['status'] {
  return failure === '' ? 'pass' : 'fail';
}

/** The attempts of a test of Vitest: each begins with `beforeEach`. */
function attemptsOf(parts: readonly Row[], file: string): TestAttempt[] {
  const [begin = '', body] = VITEST_PARTS;
  const first = parts.some(({ called }) => called === begin) ? begin : body;
  const grouped: Row[][] = [];
  for (const part of parts)
    if (part.called === first || grouped.length === 0) grouped.push([part]);
    else grouped.at(-1)?.push(part);
  return grouped.flatMap((of) => {
    const [begun] = of;
    if (begun === undefined) return [];
    const { traceId, id, isSuperseded } = begun;
    const failure = of.find((part) => part.failure !== '')?.failure ?? '';
    return {
      ...{ test: begun.parent, traceId, spanIds: of.map((part) => part.id), failure, file, isSuperseded },
      body: of.find(({ called }) => called === body)?.id ?? id,
      status: statusOf(failure),
    };
  });
}

/** The paths of Vitest's tests: of one that several projects run, the project is a part of it. */
function vitestPaths(rows: readonly Row[]): (row: Row) => string[] | undefined {
  const byId = new Map(rows.map((row) => [row.id, row]));
  const tests = rows.filter(({ ofVitest }) => ofVitest !== '');
  const known = new Map(tests.map((row) => [row, rowsAbove(byId, row)]));
  const suitesOf = (row: Row) => [
    ...(known.get(row) ?? []).flatMap(({ suite }) => suite || []),
    row.ofVitest,
  ];
  const projectOf = (row: Row) => known.get(row)?.find(({ project }) => project !== '')?.project ?? '';
  const alike = Map.groupBy(tests, (row) => JSON.stringify([row.service, row.path, ...suitesOf(row)]));
  const shared = new Set([...alike.values()].filter((same) => new Set(same.map(projectOf)).size > 1).flat());
  return (row) => {
    if (row.ofVitest === '') return undefined;
    const project = projectOf(row);
    return [...(shared.has(row) && project !== '' ? [`[${project}]`] : []), ...suitesOf(row)];
  };
}

/** The spans above a test, the outer one first. Spans may lie in a circle. */
function rowsAbove(byId: ReadonlyMap<string, Row>, { parent }: Row): Row[] {
  const above = new Set<Row>();
  for (let row = byId.get(parent); row !== undefined && !above.has(row); row = byId.get(row.parent))
    above.add(row);
  return [...above].reverse();
}
