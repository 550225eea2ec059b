import type { Test } from 'tap';
import type { StoreOptions } from '../../../src/core/store/store.ts';
import { openStore } from '../../../src/core/store/store.ts';
import { MEMORY_MB } from './large-span.ts';

/** A store with little memory of which nothing may be lost, and its failures. */
export async function openWatchedStore(t: Test, directory: string, options: Partial<StoreOptions> = {}) {
  const failures: string[] = [];
  let reopened = 0;
  const store = await openStore({
    directory,
    memoryMb: MEMORY_MB,
    ...options,
    onFailure: (task, error) => failures.push(`${task}: ${error}`),
    onLost: (sentence) => t.fail(sentence),
    onReopened: () => reopened++,
  });
  t.teardown(() => store.close());
  return { store, failures, reopened: () => reopened };
}
