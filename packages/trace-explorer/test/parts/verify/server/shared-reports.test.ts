import t from 'tap';
import type { Report } from '../../../../src/parts/verify/server/schemas.ts';
import { SharedReports } from '../../../../src/parts/verify/server/shared-reports.ts';

const scope = { start: 0n, end: 3_600_000_000_000n, service: 'a' };
const never = new AbortController().signal;

function maker() {
  const made: { signal: AbortSignal; answer: (report: Report) => void }[] = [];
  const make = (signal: AbortSignal) => {
    const { promise, resolve, reject } = Promise.withResolvers<Report>();
    signal.addEventListener('abort', () => reject(signal.reason));
    made.push({ signal, answer: resolve });
    return promise;
  };
  return { made, make };
}

t.test('clients that ask for the same report at once wait for one', async (t) => {
  const shared = new SharedReports();
  const { made, make } = maker();
  const all = Array.from({ length: 8 }, (_, n) =>
    shared.take({ ...scope, start: BigInt(n * 1e6), end: scope.end + BigInt(n * 1e6) }, never, make),
  );
  const other = shared.take({ ...scope, service: 'b' }, never, make);
  const later = shared.take({ ...scope, end: scope.end + 2_000_000_000n }, never, make);
  t.equal(made.length, 3, 'one for eight, and one for each other scope');
  const report = { services: [] } as unknown as Report;
  for (const { answer } of made) answer(report);
  for (const each of await Promise.all(all)) t.equal(each, report);
  await Promise.all([other, later]);
  const again = shared.take(scope, never, make);
  t.equal(made.length, 4, 'a report that is made is not given again');
  made[3]?.answer(report);
  await again;
});

t.test('the work ends when the last client has left', async (t) => {
  const shared = new SharedReports();
  const { made, make } = maker();
  const [one, two] = [new AbortController(), new AbortController()];
  const waiting = [shared.take(scope, one.signal, make), shared.take(scope, two.signal, make)];
  one.abort(new Error('one left'));
  t.equal(made[0]?.signal.aborted, false);
  two.abort(new Error('two left'));
  t.equal(made[0]?.signal.aborted, true);
  for (const each of waiting) await t.rejects(each, /two left/);
});

t.test('for a client that left before it was heard no work begins', async (t) => {
  const shared = new SharedReports();
  const { made, make } = maker();
  await t.rejects(shared.take(scope, AbortSignal.abort(new Error('left')), make), /left/);
  t.equal(made.length, 0);
});
