import t from 'tap';
import { withinTime } from '../../src/common/within-time.ts';

t.test('work that is done in time, and work that never is', async (t) => {
  await t.resolves(withinTime(Promise.resolve('done'), 2 ** 31 - 1), 'does not wait for the time');
  await t.resolves(withinTime(new Promise(() => {}), 1));
});

t.test('an error of the work is passed on, and a late error is ignored', async (t) => {
  await t.rejects(withinTime(Promise.reject(new Error('no')), 60_000), { message: 'no' });
  let fail: (reason: Error) => void = () => {};
  const work = new Promise((_resolve, reject) => {
    fail = reject;
  });
  await withinTime(work, 1);
  fail(new Error('late')); // an unhandled rejection would end this test's process
  await new Promise(setImmediate);
});
