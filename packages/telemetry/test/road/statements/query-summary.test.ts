import { CompiledQuery } from 'kysely';
import t from 'tap';
import { summarizeQuery } from '../../../src/road/statements/query-summary.ts';

t.test('summaries are kept by text, of 1,000 texts at most and of no long one', async (t) => {
  const first = summarizeQuery(CompiledQuery.raw('select 1'));
  t.equal(summarizeQuery(CompiledQuery.raw('select 1')), first, 'read once');
  for (let count = 1; count < 1_000; count++) summarizeQuery(CompiledQuery.raw(`select ${count + 1}`));
  t.equal(summarizeQuery(CompiledQuery.raw('select 1')), first, 'the thousandth text has room');
  summarizeQuery(CompiledQuery.raw('select 1001'));
  const again = summarizeQuery(CompiledQuery.raw('select 1'));
  t.not(again, first, 'one more, and all are forgotten');
  t.strictSame(again, first);
  const long = CompiledQuery.raw(`select ${'1'.repeat(4_000)}`);
  t.not(summarizeQuery(long), summarizeQuery(long));
});
