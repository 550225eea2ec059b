import { testName } from '@tandem/telemetry/workspace';
import type { SpanStore } from '../../../core/store/store.ts';
import { RUNNER } from '../../../core/traces/model/span-facts.ts';
import { readField } from '../../../core/traces/read/field-sql.ts';
import { spanColumns } from '../../../core/traces/read/span-columns.ts';
import type { TestSpan } from './test-reading.ts';

/** SQL of the spans of tests and suites, and of Vitest's own. A skipped test of Vitest has no name. */
export function testSpansSql(store: SpanStore, ofRun: string): string {
  const c = spanColumns(store);
  const text = (name: string) => `coalesce(${readField(store.fields(), name, 'VARCHAR')}, '')`;
  return `SELECT ${c.spanId}, ${c.parentId}, ${text('vitest.suite.name')}, ${text('code.file.path')}, ${text('cwd')}, ${text('test.case.name')},
    CASE WHEN ${text('vitest.test.mode')} = 'run' THEN ${text('vitest.test.name')} ELSE '' END,
    CASE WHEN ${c.error} THEN coalesce(${c.exception}, ${c.statusMessage}, 'failed') ELSE '' END, ${c.service}
    FROM spans WHERE ${ofRun} AND (${text('test.case.name')} || ${text('test.suite.name')} <> '' OR starts_with(${c.name}, '${RUNNER}'))
    ORDER BY _time, _seq`;
}

/** Tests and suites by the ids of their spans. A test of Vitest has the path of its suites, and fails with a child. */
export function testSpansOf(read: readonly (readonly unknown[])[]): Map<string, TestSpan> {
  const rows = read.map((row) => row.map(String));
  const suites = new Map(rows.map(([id = '', parent = '', suite = '']) => [id, { parent, suite }]));
  const failures = new Map(
    rows.flatMap(([, parent = '', , , , , , why = '']) => (why ? [[parent, why]] : [])),
  );
  // Of the packages of a workspace, each has a folder of its own.
  const folders = new Map(
    rows.flatMap(([, , , , cwd, , , , service]) => (cwd ? [[service, `${cwd}/`]] : [])),
  );
  return new Map(
    rows.map(([id = '', parent = '', , path = '', , own = '', test = '', failure = '', service = '']) => {
      const folder = folders.get(service) ?? '';
      const file = path.startsWith(folder) ? path.slice(folder.length) : path;
      const ofVitest =
        test === '' ? undefined : [...suitesAbove(suites, parent), test].map(testName).join(' › ');
      return [
        id,
        { service, name: own || ofVitest, file, failure: own ? failure : (failures.get(id) ?? '') },
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
