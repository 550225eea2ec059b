import t from 'tap';
import { createBackoff } from '../../../src/delivery/sending/backoff.ts';

t.test('waiting times double up to a limit, and chance takes up to half of them away', async (t) => {
  const most = createBackoff(() => 1);
  t.same(
    Array.from({ length: 8 }, () => most.next(undefined)),
    [500, 1000, 2000, 4000, 5000, 5000, 5000, 5000],
  );
  const least = createBackoff(() => 0);
  t.same(
    Array.from({ length: 3 }, () => least.next(undefined)),
    [250, 500, 1000],
  );
  for (let i = 0; i < 5000; i++) least.next(undefined);
  t.equal(least.next(undefined), 2500);
});

t.test('a success starts them anew', async (t) => {
  const backoff = createBackoff(() => 1);
  backoff.next(undefined);
  backoff.next(undefined);
  backoff.reset();
  t.equal(backoff.next(undefined), 500);
});

t.test('what the backend asks for is at least waited, but not for hours', async (t) => {
  t.equal(createBackoff(() => 0).next(60_000), 60_000);
  t.equal(createBackoff(() => 0).next(0), 100);
  t.equal(createBackoff(() => 0).next(1e12), 600_000);
  t.equal(createBackoff(() => 0).next(Number.MAX_VALUE), 600_000);
});
