import type { JsonMessage, ResourceContent } from '@tandem/otlp';
import { datasetName, logsDatasetName } from '../../fields/resource.ts';

/**
 * The member of a ResourceSpans or ResourceLogs that names its dataset: the name of the header from which the dataset
 * came. OTLP has no such member, and readers of OTLP ignore unknown members.
 */
export const DATASET_MEMBER = 'x-honeycomb-dataset';

/** A ResourceSpans or ResourceLogs with its dataset, when its resource does not imply the dataset. */
export function withDataset(
  message: JsonMessage,
  { attributes }: Pick<ResourceContent, 'attributes'>,
  dataset: string,
): JsonMessage {
  const own = 'scopeLogs' in message ? logsDatasetName(attributes) : datasetName(attributes);
  return dataset === own ? message : { [DATASET_MEMBER]: dataset, ...message };
}
