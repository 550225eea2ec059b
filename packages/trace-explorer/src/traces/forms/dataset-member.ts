import type { JsonMessage, ResourceContent } from '@tandem/otlp';
import { datasetName, logsDatasetName } from '../../fields/resource.ts';

/**
 * Where a ResourceSpans or ResourceLogs of OTLP JSON says which dataset it is of, under the name of the header that named it.
 * OTLP has no such member. Readers of OTLP ignore unknown members.
 */
export const DATASET_MEMBER = 'x-honeycomb-dataset';

/** A ResourceSpans or ResourceLogs with the dataset that it is stored in, where its resource does not say so. */
export function withDataset(
  message: JsonMessage,
  { attributes }: Pick<ResourceContent, 'attributes'>,
  dataset: string,
): JsonMessage {
  const own = 'scopeLogs' in message ? logsDatasetName(attributes) : datasetName(attributes);
  return dataset === own ? message : { [DATASET_MEMBER]: dataset, ...message };
}
