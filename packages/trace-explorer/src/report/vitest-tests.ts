import type { SpanStore } from '../store/store.ts';
import { RUNNER } from '../traces/model/span-facts.ts';
import { readField } from '../traces/read/field-sql.ts';
import { spanColumns } from '../traces/read/span-columns.ts';
import type { TestSpan } from './test-reading.ts';

/** Rows of Vitest's spans that tell of tests: suites, tests, and what a test ran. */
export function vitestSql(store: SpanStore, ofRun: string): string {
  const c = spanColumns(store);
  const text = (name: string) => readField(store.fields(), name, 'VARCHAR');
  return `SELECT ${c.spanId}, ${c.parentId}, ${text('vitest.test.name')}, ${text('vitest.suite.name')}, ${text('code.file.path')},
    ${c.error}, ${c.exception}, ${text('vitest.test.mode')}, ${text('cwd')}
    FROM spans WHERE ${ofRun} AND starts_with(${c.name}, '${RUNNER}') ORDER BY _time, _seq`;
}

interface Row {
  readonly id: string;
  readonly parent: string;
  readonly test: string | undefined;
  readonly suite: string | undefined;
  readonly file: string;
  readonly failed: boolean;
  readonly message: string;
  readonly mode: string;
  readonly cwd: string | undefined;
}

/** The tests of Vitest by the ids of their spans. A test's path is that of its suites, and it fails with a child. */
export function vitestTests(read: readonly (readonly unknown[])[]): Map<string, TestSpan> {
  const rows = new Map(read.map((values) => [String(values[0]), rowOf(values)]));
  const folder = [...rows.values()].find(({ cwd }) => cwd !== undefined)?.cwd;
  const failures = new Map<string, string>();
  for (const { parent, failed, message } of rows.values()) if (failed) failures.set(parent, message);
  const tests = new Map<string, TestSpan>();
  for (const { id, parent, test, file, mode } of rows.values()) {
    const isTest = test !== undefined && mode === 'run';
    const name = isTest ? [...suitesAbove(rows, parent), test].join(' › ') : undefined;
    const isBelow = folder !== undefined && file.startsWith(`${folder}/`);
    tests.set(id, {
      name,
      file: isBelow ? file.slice(folder.length + 1) : file,
      failed: failures.has(id),
      message: failures.get(id) ?? '',
    });
  }
  return tests;
}

function rowOf([id, parent, test, suite, file, failed, message, mode, cwd]: readonly unknown[]): Row {
  const textOf = (value: unknown) => (typeof value === 'string' ? value : undefined);
  return {
    id: String(id),
    parent: String(parent),
    test: textOf(test),
    suite: textOf(suite),
    file: textOf(file) ?? '',
    failed: failed === true,
    message: textOf(message) ?? '',
    mode: textOf(mode) ?? '',
    cwd: textOf(cwd),
  };
}

/** The names of the suites around a test, the outer one first. */
function suitesAbove(rows: ReadonlyMap<string, Row>, parent: string): string[] {
  const suites: string[] = [];
  const seen = new Set<Row>();
  for (let row = rows.get(parent); row !== undefined && !seen.has(row); row = rows.get(row.parent)) {
    seen.add(row);
    if (row.suite !== undefined) suites.unshift(row.suite);
  }
  return suites;
}
