import type { Attribute } from '@tandem/otlp';
import { datasetOf, logsDatasetOf } from '../fields/dataset.ts';
import { cutText } from './cut-text.ts';

/** Bytes of a dataset's name, which is in each row and beside each of its fields. */
const MAX_NAME_BYTES = 255;

/** The dataset that the spans of a resource are stored in. */
export function datasetName(attributes: readonly Attribute[], named?: string): string {
  return storedName(datasetOf(attributes, named));
}

/** The dataset that the log records of a resource are stored in: that of its spans, if it says which service it is of. */
export function logsDatasetName(attributes: readonly Attribute[], named?: string): string {
  return storedName(logsDatasetOf(attributes, named));
}

/** A dataset's name as it is stored: a long one is cut, with the whole one's hash at its end. */
export function storedName(name: string): string {
  return cutText(name, MAX_NAME_BYTES);
}
