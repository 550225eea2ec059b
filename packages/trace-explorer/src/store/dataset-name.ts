import type { Attribute } from '@tandem/otlp';
import { datasetOf, logsDatasetOf } from '../fields/dataset.ts';
import { cutText } from './cut-text.ts';

/** Bytes of a dataset's name, which is in each row and beside each of its fields. */
const MAX_NAME_BYTES = 255;

/** The dataset that the spans of a resource are stored in. */
export function datasetName(attributes: readonly Attribute[]): string {
  return cutText(datasetOf(attributes), MAX_NAME_BYTES);
}

/** The dataset that the log records of a resource are stored in: that of its spans, if it says which service it is of. */
export function logsDatasetName(attributes: readonly Attribute[]): string {
  return cutText(logsDatasetOf(attributes), MAX_NAME_BYTES);
}
