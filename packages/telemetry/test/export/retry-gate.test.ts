import t from 'tap';
import { backoffMs, RetryGate } from '../../src/export/retry-gate.ts';

t.test('the first failure shuts the gate, and it opens when it is time', async (t) => {
  let opened = 0;
  const alive = setInterval(() => {}, 1000); // the gate's timer does not keep the process
  t.teardown(() => clearInterval(alive));
  await new Promise<void>((resolve) => {
    const gate = new RetryGate(() => {
      opened++;
      t.notOk(gate.isShut, 'something may be sent');
      t.ok(gate.isFailing, 'until an attempt has arrived');
      resolve();
    });
    t.notOk(gate.isShut || gate.isFailing, 'open at first');
    t.ok(gate.failed(0), 'this one shut it');
    t.notOk(gate.failed(0), 'one that failed with it did not');
    t.ok(gate.isShut && gate.isFailing);
  });
  t.equal(opened, 1);
});

t.test('an attempt that arrives ends the failing, and a closed gate stays as it is', async (t) => {
  const gate = new RetryGate(() => t.fail('never opens'));
  gate.failed(undefined);
  gate.succeeded();
  t.notOk(gate.isFailing);
  gate.close();
  const closed = new RetryGate(() => t.fail('never opens'));
  closed.close();
  t.notOk(closed.failed(0));
  t.notOk(closed.isShut);
  t.ok(closed.isFailing);
});

t.test('waiting times double up to a limit, and chance takes up to half of them away', async (t) => {
  const waits = (random: number) => [1, 2, 3, 4, 5, 6, 5000].map((n) => backoffMs(n, undefined, random));
  t.same(waits(1), [500, 1000, 2000, 4000, 5000, 5000, 5000]);
  t.same(waits(0), [250, 500, 1000, 2000, 2500, 2500, 2500]);
});

t.test('what the backend asks for is at least waited, but not for hours', async (t) => {
  t.equal(backoffMs(1, 60, 0), 60_000);
  t.equal(backoffMs(1, 0, 0), 100);
  t.equal(backoffMs(1, 1e9, 0), 600_000);
  t.equal(backoffMs(1, Number.MAX_VALUE, 0), 600_000);
});
