import { cpSync } from 'node:fs';
import { join } from 'node:path';
import type { Test } from 'tap';
import type { SpanStore, StoreOptions } from '../../../src/core/store/store.ts';
import { openStore } from '../../../src/core/store/store.ts';
import { readStoredSpan } from '../../../src/core/traces/read/stored-span.ts';
import type { PlainSpan } from '../../spans.ts';
import { randomId, temporaryDirectory } from '../../spans.ts';

/** A quarter of the default, so that a quarter of the data is as much as it can hold. */
export const MEMORY_MB = 32;

/** Text that zstd makes a little smaller, and nothing else. */
export function noise(bytes: number): string {
  const piece = Buffer.from(crypto.getRandomValues(new Uint8Array(48_000))).toString('base64');
  return piece.repeat(Math.ceil(bytes / piece.length)).slice(0, bytes);
}

/** A span with so many bytes in an attribute. */
export function span(
  bytes: number,
  more: Partial<PlainSpan> = {},
): PlainSpan & { traceId: string; spanId: string } {
  return { traceId: randomId(16), spanId: randomId(8), attributes: { prompt: noise(bytes) }, ...more };
}

/** The attribute of a span as it is stored; undefined when there is no such span. */
export async function promptOf(store: SpanStore, { traceId, spanId }: { traceId: string; spanId: string }) {
  const { stored } = await readStoredSpan(store, traceId, spanId);
  return stored?.span.attributes.find(({ key }) => key === 'prompt')?.value;
}

/** Opens the store as a process that is killed now leaves it. */
export async function afterKill(
  t: Test,
  directory: string,
  options: Partial<StoreOptions> = {},
): Promise<SpanStore> {
  const store = await openStore({
    directory: copyStore(t, directory),
    onLost: (sentence) => t.fail(sentence),
    ...options,
  });
  t.teardown(() => store.close());
  return store;
}

/**
 * Copies the files of an open store. What DuckDB sets aside on disk while it works is left out: it comes and goes during
 * the copy, and a store that is opened does not read it.
 */
export function copyStore(t: Test, directory: string): string {
  const copy = temporaryDirectory(t);
  const isTransient = (path: string) => path === join(directory, 'tmp') || path.endsWith('.wal');
  const copyAll = () => cpSync(directory, copy, { recursive: true, filter: (path) => !isTransient(path) });
  try {
    copyAll();
  } catch {
    copyAll(); // the store has removed a part of its journal meanwhile
  }
  return copy;
}
