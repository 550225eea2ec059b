import type { SpanStore } from '../store/store.ts';
import { RUNNER } from '../traces/model/span-facts.ts';
import { readField } from '../traces/read/field-sql.ts';
import { spanColumns } from '../traces/read/span-columns.ts';
import type { TestSpan } from './test-reading.ts';

/** SQL of Vitest's spans for `vitestTests`. A skipped test has no name. */
export function vitestSql(store: SpanStore, ofRun: string): string {
  const c = spanColumns(store);
  const text = (name: string) => `coalesce(${readField(store.fields(), name, 'VARCHAR')}, '')`;
  return `SELECT ${c.spanId}, ${c.parentId}, ${text('vitest.suite.name')}, ${text('code.file.path')}, ${text('cwd')},
    CASE WHEN ${text('vitest.test.mode')} = 'run' THEN ${text('vitest.test.name')} ELSE '' END,
    CASE WHEN ${c.error} THEN coalesce(${c.exception}, 'failed') ELSE '' END
    FROM spans WHERE ${ofRun} AND starts_with(${c.name}, '${RUNNER}') ORDER BY _time, _seq`;
}

/** Most characters of a name. */
const LONGEST = 120;
/** The parts of names that each run writes anew: ids, addresses of memory and folders, and numbers from four digits on. */
const VALUES =
  /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|\b[0-9a-f]{16,}\b|(?:\/[\w.@-]{1,255}){2,}|\d{4,}/gi;

/** A name as `testName` of auto-instrumentation makes it, which the explorer does not install. */
function bounded(name: string): string {
  const text = name
    .slice(0, 4 * LONGEST)
    .replace(VALUES, '…')
    .replace(/\s+/g, ' ')
    .trim();
  return text.length > LONGEST ? `${text.slice(0, LONGEST - 1)}…` : text || '(no name)';
}

/** Vitest's spans by their ids. A test's path is that of its suites, and it fails with a child. */
export function vitestTests(read: readonly (readonly unknown[])[]): Map<string, TestSpan> {
  const rows = read.map((row) => row.map(String));
  const suites = new Map(rows.map(([id = '', parent = '', suite = '']) => [id, { parent, suite }]));
  const failures = new Map(
    rows.map((row) => [row[1], row[6] ?? ''] as const).filter(([, why]) => why !== ''),
  );
  const folder = `${rows.find(([, , , , cwd]) => cwd !== '')?.[4] ?? ''}/`;
  return new Map(
    rows.map(([id = '', parent = '', , path = '', , test = '']) => {
      const file = path.startsWith(folder) ? path.slice(folder.length) : path;
      const name = test === '' ? undefined : [...suitesAbove(suites, parent), test].map(bounded).join(' › ');
      return [id, { name, file, failure: failures.get(id) ?? '' }];
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
