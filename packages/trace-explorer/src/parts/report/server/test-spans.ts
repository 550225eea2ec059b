import { testName } from '@tandem/telemetry/workspace';
import { namedColumns, text } from '../../../core/store/read/named-columns.ts';
import type { SpanStore } from '../../../core/store/store.ts';
import { RUNNER } from '../../../core/traces/model/span-facts.ts';
import { readField } from '../../../core/traces/read/field-sql.ts';
import { spanColumns } from '../../../core/traces/read/span-columns.ts';
import type { TestSpan } from './test-reading.ts';

/** The spans of tests and suites, and of Vitest's own. A skipped test of Vitest has no name. */
export async function readTestSpans(
  store: SpanStore,
  ofRun: string,
  read: (sql: string) => Promise<readonly (readonly unknown[])[]>,
): Promise<Map<string, TestSpan>> {
  const c = spanColumns(store);
  const field = (name: string) => `coalesce(${readField(store.fields(), name, 'VARCHAR')}, '')`;
  const columns = namedColumns({
    id: text(c.spanId),
    parent: text(c.parentId),
    suite: text(field('vitest.suite.name')),
    path: text(field('code.file.path')),
    folder: text(field('cwd')),
    name: text(field('test.case.name')),
    ofVitest: text(
      `CASE WHEN ${field('vitest.test.mode')} = 'run' THEN ${field('vitest.test.name')} ELSE '' END`,
    ),
    failure: text(
      `CASE WHEN ${c.error} THEN coalesce(${c.exception}, ${c.statusMessage}, 'failed') ELSE '' END`,
    ),
    service: text(c.service),
  });
  const isTest = `${field('test.case.name')} || ${field('test.suite.name')} <> '' OR starts_with(${c.name}, '${RUNNER}')`;
  const rows = await read(
    `SELECT ${columns.sql} FROM spans WHERE ${ofRun} AND (${isTest}) ORDER BY _time, _seq`,
  );
  return testSpansOf(rows.map(columns.rowOf));
}

type Row = Record<
  'id' | 'parent' | 'suite' | 'path' | 'folder' | 'name' | 'ofVitest' | 'failure' | 'service',
  string
>;

/** Tests and suites by the ids of their spans. A test of Vitest has the path of its suites, and fails with a child. */
function testSpansOf(rows: readonly Row[]): Map<string, TestSpan> {
  const suites = new Map(rows.map(({ id, parent, suite }) => [id, { parent, suite }]));
  const failures = new Map(rows.flatMap(({ parent, failure }) => (failure ? [[parent, failure]] : [])));
  // Of the packages of a workspace, each has a folder of its own.
  const folders = new Map(rows.flatMap(({ folder, service }) => (folder ? [[service, `${folder}/`]] : [])));
  return new Map(
    rows.map(({ id, parent, path, name: own, ofVitest, failure, service }) => {
      const folder = folders.get(service) ?? '';
      const file = path.startsWith(folder) ? path.slice(folder.length) : path;
      const inSuites =
        ofVitest === '' ? undefined : [...suitesAbove(suites, parent), ofVitest].map(testName).join(' › ');
      return [
        id,
        { service, name: own || inSuites, file, failure: own ? failure : (failures.get(id) ?? '') },
      ];
    }),
  );
}

type Suites = ReadonlyMap<string, { readonly parent: string; readonly suite: string }>;

/** The names of the suites around a test, the outer one first. Spans may lie in a circle. */
function suitesAbove(suites: Suites, start: string): string[] {
  const above = new Map<string, string>();
  for (let id = start; suites.has(id) && !above.has(id); id = suites.get(id)?.parent ?? '')
    above.set(id, suites.get(id)?.suite ?? '');
  return [...above.values()].filter((suite) => suite !== '').reverse();
}
