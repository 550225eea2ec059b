import { setTimeout as sleep } from 'node:timers/promises';
import t from 'tap';
import { until } from '../../../../../../test/helpers/until.ts';
import { temporaryExplorer } from '../../../explorer.ts';

const THREADS = "SELECT current_setting('threads')";

t.test('scans have a second thread of DuckDB, and it goes when they have ended', async (t) => {
  const { store } = await temporaryExplorer(t);
  const threads = async (short: boolean) => (await store.read(THREADS, [], { short })).rows[0]?.[0];
  t.equal(await threads(true), 1, 'at first');
  t.same(await Promise.all([threads(false), threads(false)]), [2, 2], 'while scans run');
  const ending = new AbortController();
  const scan = store.read('SELECT sum(hash(range)) FROM range(1000000000000000)', [], {
    signal: ending.signal,
  });
  // Longer than the second thread stays without a scan.
  await sleep(1_000);
  t.equal(await threads(true), 2, 'as long as one of them runs');
  ending.abort();
  await t.rejects(scan);
  await until(async () => (await threads(true)) === 1, { what: 'one thread after the last' });
  t.equal(await threads(true), 1, 'after the last');
  t.equal(await threads(false), 2, 'and again');
});
