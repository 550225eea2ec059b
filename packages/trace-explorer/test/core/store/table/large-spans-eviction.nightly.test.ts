import t from 'tap';
import { until } from '../../../../../../test/helpers/until.ts';
import { openStore } from '../../../../src/core/store/store.ts';
import { readStoredSpan } from '../../../../src/core/traces/read/stored-span.ts';
import { storeSpans, temporaryDirectory } from '../../../spans.ts';
import { MEMORY_MB, promptOf, span } from '../large-span.ts';

t.test('a small store of large spans stays below its cap, and drops the oldest', async (t) => {
  const directory = temporaryDirectory(t);
  const failures: unknown[] = [];
  const options = {
    memoryMb: MEMORY_MB,
    maxBytes: 16 * 1024 ** 2,
    maintenanceIntervalMs: 20,
    onFailure: (_: string, error: unknown) => void failures.push(error),
  };
  const store = await openStore({ directory, ...options });
  const first = span(50_000);
  await storeSpans(store, [first]);
  let last = first;
  const fill = async () => {
    last = span(100_000);
    await storeSpans(store, [...Array.from({ length: 9 }, () => span(100_000)), last]);
    return store.stats().dropped.bytes > 0;
  };
  await until(fill, { what: 'evictions while spans come in', everyMs: 0 });
  await until(() => store.stats().bytes <= options.maxBytes, { what: 'bytes below the cap' });
  t.equal((await readStoredSpan(store, first.traceId, first.spanId)).copies, 0);
  t.ok((await promptOf(store, last)) === last.attributes?.prompt);
  await store.close();

  // The same file with another cap, and so with row groups of another size.
  const again = await openStore({ directory, ...options, maxBytes: 1024 ** 3 });
  t.teardown(() => again.close());
  t.ok((await promptOf(again, last)) === last.attributes?.prompt);
  t.same(failures, []);
});
