import t from 'tap';
import { Failures } from '../../src/store/failures.ts';

t.test('a failure is told once, and shown until the same task succeeds', async (t) => {
  const told: unknown[] = [];
  const failures = new Failures((task, error) => told.push([task, (error as Error).message]));
  const full = () => Promise.reject(new Error('No space left on device'));
  await failures.watch('upkeep', full);
  await failures.watch('upkeep', full);
  await failures.watch('checkpoint', async () => {});
  t.same(told, [['upkeep', 'No space left on device']]);
  t.match(failures.notices(), [
    /^Saving counts and dropping old traces fails.*: No space left on device\. It is/u,
  ]);

  await failures.watch('upkeep', () => Promise.reject(new Error('Out of memory')));
  t.equal(told.length, 2, 'another failure is told as well');
  await failures.watch('checkpoint', full);
  t.equal(failures.notices().length, 2);
  await failures.watch('upkeep', async () => {});
  t.match(failures.notices(), [/^Writing the store’s file fails/u]);
});
