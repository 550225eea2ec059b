import { readField } from '../../../../core/store/read/field-sql.ts';
import type { ReadOptions, SpanStore } from '../../../../core/store/store.ts';
import { spanColumns } from '../../../../core/traces/read/span-columns.ts';
import { LEVELS } from '../../../../lib/text/log-levels.ts';

/** Most log records that are read, and characters of each. */
const [MOST, LONGEST] = [2_000, 300];

/** The texts of errors that were logged in some traces, without exceptions, by the ids of their spans. Spans tell of exceptions. */
export async function readLoggedErrors(
  store: SpanStore,
  traceIds: readonly string[],
  options: ReadOptions,
): Promise<ReadonlyMap<string, readonly string[]>> {
  const { isLog, traceId, parentId } = spanColumns(store);
  const text = (name: string) => readField(store.fields(), name, 'VARCHAR');
  const { rows } = await store.read(
    `SELECT ${parentId}, left(${text('body')}, ${LONGEST}) FROM spans
    WHERE ${isLog} AND ${traceId} IN (SELECT unnest(from_json($1, '["VARCHAR"]'))) AND ${text('exception.type')} IS NULL
      AND ${readField(store.fields(), 'severity_code', 'BIGINT')} >= ${LEVELS.error} AND ${text('body')} IS NOT NULL
    ORDER BY _time, _seq LIMIT ${MOST}`,
    [JSON.stringify(traceIds)],
    options,
  );
  const bySpan = Map.groupBy(rows, ([span]) => String(span));
  return new Map([...bySpan].map(([span, of]) => [span, of.map(([, body]) => String(body))]));
}
