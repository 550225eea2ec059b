import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { PlainLogRecord, PlainSpan } from '@tandem/otlp/testing';
import { decoded, decodedLogs } from '@tandem/otlp/testing';
import type { SpanStore, StoreOptions } from '../src/core/store/store.ts';
import { openStore } from '../src/core/store/store.ts';

export type { PlainAttributes, PlainSpan, PlainValue } from '@tandem/otlp/testing';
export { decoded, randomId } from '@tandem/otlp/testing';

/** Stores plain spans; resolves when they can be read. */
export async function storeSpans(store: SpanStore, spans: readonly PlainSpan[]): Promise<void> {
  await store.write(decoded(spans));
  await store.read('SELECT 1');
}

/** Stores plain log records; resolves when they can be read. */
export async function storeLogs(store: SpanStore, records: readonly PlainLogRecord[]): Promise<void> {
  await store.write(decodedLogs(records));
  await store.read('SELECT 1');
}

/** A store in a directory of its own, removed when the test ends. Pass tap's `t`. */
export async function temporaryStore(
  t: { teardown(fn: () => unknown): void },
  options: Partial<StoreOptions> = {},
): Promise<SpanStore> {
  const directory = temporaryDirectory(t);
  const store = await openStore({ directory, ...options });
  t.teardown(() => store.close());
  return store;
}

/**
 * For a test that damages or changes the file of a closed store: its closing writes all rows there, however slow the machine.
 * Otherwise a late one leaves some to the journal, and the next start takes them from there.
 */
export const WHOLE_FILE = { closingMs: Number.POSITIVE_INFINITY };

export function temporaryDirectory(t: { teardown(fn: () => unknown): void }): string {
  const directory = mkdtempSync(join(tmpdir(), 'tandem-explorer-'));
  t.teardown(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}
