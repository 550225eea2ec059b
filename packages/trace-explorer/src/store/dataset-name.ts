import type { Attribute } from '@tandem/otlp';
import { datasetOf } from '../fields/map-spans.ts';
import { cutText } from './cut-text.ts';

/** Bytes of a dataset's name, which is in each row and beside each of its fields. */
const MAX_NAME_BYTES = 255;

/** The dataset that a resource's rows are stored in. */
export function datasetName(attributes: readonly Attribute[]): string {
  return cutText(datasetOf(attributes), MAX_NAME_BYTES);
}
