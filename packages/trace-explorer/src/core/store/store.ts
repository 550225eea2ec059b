import type { StoreOptions } from './options.ts';
import { optionsOf } from './options.ts';
import { SpanStore } from './supervise/span-store.ts';

export type { StoreOptions } from './options.ts';
export type { ReadOptions, ReadResult } from './read/statement.ts';
export type { ExportRequest, Signal } from './rows/request.ts';
export type { SpanStore } from './supervise/span-store.ts';
export type { WrittenBatch } from './supervise/writer.ts';
export type { DatasetCount, StoreStats } from './table/counts.ts';
export type { Field } from './table/field.ts';
export type { DeletedRows, Deletion } from './table/retention.ts';
export type { StoredScope } from './table/scopes.ts';

/**
 * Opens the store in a directory, or makes it.
 * @throws StoreOpenError when the file is in use, cannot be read, or the file system refuses it
 * @example const store = await openStore({ directory: '.data/explorer' });
 */
export function openStore(given: StoreOptions): Promise<SpanStore> {
  return SpanStore.open(optionsOf(given));
}
