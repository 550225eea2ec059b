import type { ISerializer } from '@opentelemetry/otlp-transformer';
import type { Item } from './signal.ts';
import type { SpoolFile } from './spool.ts';
import type { Tally } from './tally.ts';

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

/** The batch as an export request, encoded once. Items that cannot be encoded are left out, and counted as lost. */
export function encodeBatch(
  batch: Batch,
  { serializer, tally }: { readonly serializer: ISerializer<Item[], unknown>; readonly tally: Tally },
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
    tally.lose('unencodable', items.length - good.length);
    batch.count = good.length;
    body = encoded(good) ?? new Uint8Array();
  }
  Object.assign(batch, { body, items: undefined });
  return body;
}
