import { selectItems } from '@tandem/otlp/protobuf';
import type { Batch } from './batch.ts';

/**
 * Cuts a batch into two with half of the items each, in order, every span under the resource and scope it had.
 *
 * @throws RangeError for a batch of fewer than two items, or bytes that are no ExportTraceServiceRequest
 */
export function splitBatch(batch: Batch): [Batch, Batch] {
  if (batch.items < 2) throw new RangeError(`A batch of ${batch.items} items cannot be split.`);
  const first = batch.items >>> 1;
  return [
    { body: selectItems(batch.body, 0, first), items: first },
    { body: selectItems(batch.body, first, batch.items), items: batch.items - first },
  ];
}
