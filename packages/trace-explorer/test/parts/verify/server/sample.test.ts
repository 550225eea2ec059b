import t from 'tap';
import { deadlineIn } from '../../../../src/lib/time/deadline.ts';
import { paceOf } from '../../../../src/parts/verify/server/sample.ts';

const busy = (ms: number) => {
  const until = performance.now() + ms;
  for (let now = performance.now(); now < until; now = performance.now());
};

t.test('while rows are worked on, other requests have their turn', async (t) => {
  let turns = 0;
  let isDone = false;
  const others = () => {
    turns += 1;
    if (!isDone) setImmediate(others);
  };
  setImmediate(others);
  const rows = Array.from({ length: 10 }, (_, n) => n);
  const done = await paceOf({})(rows, (row) => {
    busy(25);
    return 2 * row;
  });
  isDone = true;
  t.strictSame(
    done,
    rows.map((row) => 2 * row),
  );
  t.ok(turns >= 10, `${turns} turns`);
});

t.test('the work ends when nobody waits for it any more, and at its deadline', async (t) => {
  const leaving = new AbortController();
  let worked = 0;
  const work = (row: number) => {
    busy(25);
    worked += 1;
    if (row === 1) leaving.abort(new Error('the client left'));
  };
  await t.rejects(paceOf({ signal: leaving.signal })([0, 1, 2, 3, 4, 5], work), /the client left/);
  t.equal(worked, 2);
  await t.rejects(paceOf({ deadline: deadlineIn(1, 60_000) })([0, 2, 3], work), { code: 'QUERY_TIMEOUT' });
  const together = Array.from({ length: 6 }, () =>
    paceOf({ deadline: deadlineIn(1_500) })(Array(100).fill(2), work),
  );
  for (const result of await Promise.allSettled(together))
    t.match(result, { status: 'rejected', reason: { code: 'STORE_BUSY' } }, 'others worked most of the time');
  const ran = process.cpuUsage();
  t.intercept(process, 'cpuUsage', { value: () => ran });
  const waiting = paceOf({ deadline: deadlineIn(1, 100) })(Array(100).fill(2), work);
  await t.rejects(waiting, { code: 'STORE_BUSY' }, 'other programs had the processor');
});
