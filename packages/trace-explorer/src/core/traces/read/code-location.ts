import type { ReadOptions, SpanStore } from '../../store/store.ts';
import { readField } from './field-sql.ts';
import { spanColumns } from './span-columns.ts';

/** A line of code, as a span has it: the file as the command's folder sees it. */
export interface CodeLocation {
  readonly file: string;
  readonly line?: number;
  readonly function?: string;
}

/** The lines of code of some spans, by the spans' ids. Most spans have none. */
export async function readCodeLocations(
  store: SpanStore,
  spanIds: readonly string[],
  options: ReadOptions = {},
): Promise<ReadonlyMap<string, CodeLocation>> {
  const fields = store.fields();
  if (spanIds.length === 0 || !fields.has('code.file.path')) return new Map();
  const { spanId } = spanColumns(store);
  const [file, line, called] = (
    [
      ['code.file.path', 'VARCHAR'],
      ['code.line.number', 'BIGINT'],
      ['code.function.name', 'VARCHAR'],
    ] as const
  ).map(([name, type]) => readField(fields, name, type));
  const { rows } = await store.read(
    `SELECT ${spanId}, ${file}, ${line}, ${called} FROM spans
    WHERE ${file} <> '' AND ${spanId} IN (SELECT unnest(string_split($1, ' ')))`,
    [spanIds.join(' ')],
    options,
  );
  return new Map(
    rows.map(([id, file, line, called]) => {
      const more = { ...(line !== null && { line: Number(line) }), ...(called && { function: String(called) }) };
      return [String(id), { file: String(file), ...more }];
    }),
  );
}
