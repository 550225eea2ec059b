import type { ReadOptions, SpanStore } from '../../store/store.ts';
import { readField } from './field-sql.ts';
import { spanColumns } from './span-columns.ts';

/** A line of code, as spans have it: the file as the command's folder sees it. */
export interface CodeLocation {
  readonly file: string;
  readonly line?: number;
  readonly function?: string;
}

/** The line of code that most of some spans name; undefined where none of them has one. */
export async function readCodeLocation(
  store: SpanStore,
  spanIds: readonly string[],
  options: ReadOptions = {},
): Promise<CodeLocation | undefined> {
  const fields = store.fields();
  if (!fields.has('code.file.path')) return undefined;
  const read = (name: string, type: string) => readField(fields, name, type);
  const { rows } = await store.read(
    `SELECT ${read('code.file.path', 'VARCHAR')} AS file, ${read('code.line.number', 'BIGINT')}, ${read('code.function.name', 'VARCHAR')}
    FROM spans WHERE ${spanColumns(store).spanId} IN (SELECT unnest(string_split($1, ' '))) AND file <> ''
    GROUP BY ALL ORDER BY count(*) DESC, min(_time) LIMIT 1`,
    [spanIds.join(' ')],
    options,
  );
  return rows.map(([file, line, called]) => ({
    file: String(file),
    ...(line !== null && { line: Number(line) }),
    ...(called !== null && { function: String(called) }),
  }))[0];
}
