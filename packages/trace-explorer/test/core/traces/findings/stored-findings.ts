import type { SpanStore } from '../../../../src/core/store/store.ts';
import { readRecords } from '../../../../src/core/traces/read/read-records.ts';
import { spanColumns } from '../../../../src/core/traces/read/span-columns.ts';
import { buildTree } from '../../../../src/core/traces/tree/tree.ts';
import { findingsIn } from '../make-span.ts';

/** The findings of every stored trace, by its id. */
export async function storedFindings(store: SpanStore) {
  const { records } = await readRecords(
    store,
    `(SELECT * FROM spans WHERE ${spanColumns(store).isSpan}) AS spans`,
    [],
  );
  return new Map(
    [...Map.groupBy(records, ({ traceId }) => traceId)].map(([traceId, of]) => [
      traceId,
      findingsIn(buildTree(of)),
    ]),
  );
}
