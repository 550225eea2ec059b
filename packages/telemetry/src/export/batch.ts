import type { ISerializer } from '@opentelemetry/otlp-transformer';
import type { Item } from './signal.ts';
import type { SpoolFile } from './spool.ts';

/** Items that wait or are sent. */
export interface Batch {
  /** Undefined when the items are encoded. */
  items?: Item[] | undefined;
  body?: Uint8Array;
  count: number;
  isSending: boolean;
  isLate: boolean;
  /** The copy on disk, while the batch is sent. */
  file?: SpoolFile | undefined;
}

/**
 * The batch as an export request, encoded once, without items that cannot be encoded.
 *
 * @param lose told how many items were left out
 */
export function encodeBatch(
  batch: Batch,
  serializer: ISerializer<Item[], unknown>,
  lose: (items: number) => void,
): Uint8Array {
  if (batch.body) return batch.body;
  const encoded = (items: Item[]) => {
    try {
      return serializer.serializeRequest(items);
    } catch {
      return undefined;
    }
  };
  const { items = [] } = batch;
  let body = encoded(items);
  if (body === undefined) {
    const good = items.filter((item) => encoded([item]) !== undefined);
    lose(items.length - good.length);
    batch.count = good.length;
    body = encoded(good) ?? new Uint8Array();
  }
  Object.assign(batch, { body, items: undefined });
  return body;
}
