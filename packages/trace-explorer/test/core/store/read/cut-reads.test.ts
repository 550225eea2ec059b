import t from 'tap';
import type { ReadOptions } from '../../../../src/core/store/store.ts';
import { deadlineIn } from '../../../../src/lib/time/deadline.ts';
import { temporaryStore } from '../../../spans.ts';
import { cutStatements } from '../break-duckdb.ts';

const FAILS_LATE =
  "SELECT CASE WHEN range = 500000 THEN error('no such row')::BIGINT ELSE range END FROM range($1)";
const ENDLESS = 'SELECT range, hash(range) FROM range(1000000000000)';
/** A statement about one trace, and one that scans with two threads. */
const KINDS: readonly ReadOptions[] = [{ short: true }, {}, { large: true }];

t.test('an error after the first rows is told, also where the rows are taken one by one', async (t) => {
  const store = await temporaryStore(t);
  for (const kind of KINDS) {
    let taken = 0;
    const take = () => void taken++;
    await t.rejects(store.read(FAILS_LATE, [1_000_000], { ...kind, take }), { message: /no such row/ });
    t.ok(taken > 0 && taken < 1_000_000, `${taken} rows before`);
    await t.rejects(store.read(FAILS_LATE, [1_000_000], kind), { message: /no such row/ });
    t.equal((await store.read(FAILS_LATE, [1_000], kind)).rows.length, 1_000, 'whole without the error');
  }
});

t.test('missing rows without an error are told, and the sender may ask again', async (t) => {
  const store = await temporaryStore(t);
  cutStatements(t, (statement) => statement === 0);
  await t.rejects(store.read('SELECT range FROM range(10)'), {
    code: 'STORE_BUSY',
    status: 503,
    retryAfterSeconds: 1,
  });
  t.equal((await store.read('SELECT range FROM range(10)')).rows.length, 10);
});

for (const [how, ending] of Object.entries({
  'its sender leaves': 'abort',
  'its deadline comes': 'deadline',
  'the store closes': 'close',
} as const)) {
  t.test(`a read is refused when ${how} between its rows`, async (t) => {
    for (const kind of KINDS) {
      const store = await temporaryStore(t);
      const sender = new AbortController();
      let taken = 0;
      let closing: Promise<unknown> | undefined;
      const take = () => {
        if (taken++ > 0) return;
        if (ending === 'abort') sender.abort(new Error('gone'));
        if (ending === 'close') closing = store.close();
      };
      const options = {
        ...kind,
        take,
        ...(ending === 'abort' && { signal: sender.signal }),
        ...(ending === 'deadline' && { deadline: deadlineIn(1_000, 60_000) }),
      };
      const refused = {
        abort: { message: 'gone' },
        deadline: { code: 'QUERY_TIMEOUT' },
        close: { code: 'STORE_CLOSED' },
      }[ending];
      await t.rejects(store.read(ENDLESS, [], options), refused);
      t.ok(taken > 0, `after ${taken} rows`);
      await closing;
    }
  });
}
