import { halvesOf } from '@tandem/otlp/encode';
import type { ExportRequest } from './batch-processor.ts';
import type { SpoolFile } from './spool-file.ts';

/**
 * Items in memory, until the destination or the disk has them.
 *
 * | state           | is sent                      | is written to the spool                 |
 * |-----------------|------------------------------|-----------------------------------------|
 * | waiting         | becomes sending              | leaves: from now on, the spool sends it |
 * | sending         | leaves; waiting, when failed | gets its file                           |
 * | sending, a file | leaves; to the spool, failed |                                         |
 */
export interface Batch {
  readonly request: Pick<ExportRequest, 'encode' | 'length'>;
  /** Their number, without those that count as lost. */
  items: number;
  state: 'waiting' | 'sending';
  /** Until the batch is late. */
  timer?: NodeJS.Timeout | undefined;
  file?: SpoolFile | undefined;
}

/** The halves of a request that was too large, as batches of their own; none where it has a single item. */
export function halfBatches(body: Uint8Array): Batch[] {
  return halvesOf(body).map((half) => ({
    request: { encode: () => half.body, length: half.items },
    items: half.items,
    state: 'waiting',
  }));
}
