import { selectItems } from '@tandem/otlp/protobuf';
import type { Batch } from './batch-builder.ts';

/**
 * Cuts a batch into two with half of the spans each, in order, every span under the resource and scope it had.
 *
 * @throws RangeError for a batch of fewer than two spans, or bytes that are no ExportTraceServiceRequest
 */
export function splitBatch(batch: Batch): [Batch, Batch] {
  if (batch.spans < 2) throw new RangeError(`A batch of ${batch.spans} spans cannot be split.`);
  const first = batch.spans >>> 1;
  return [
    { body: selectItems(batch.body, 0, first), spans: first },
    { body: selectItems(batch.body, first, batch.spans), spans: batch.spans - first },
  ];
}
