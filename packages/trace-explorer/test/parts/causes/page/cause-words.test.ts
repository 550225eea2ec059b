import t from 'tap';
import type { Cause } from '../../../../src/core/problems/schemas.ts';
import { countTexts } from '../../../../src/parts/causes/page/causes/cause-words.ts';

const some = { traces: 27, of: 5085, counted: 'all' } as unknown as Cause;
const requests = (count: number) => ({ unit: 'request', count, of: 5085 }) as const;

t.test('a share of all is known as one, however its cause was counted', async (t) => {
  for (const counted of ['all', 'looked'] as const) {
    t.same(countTexts({ ...some, counted, counts: requests(27) }), ['27 requests', '0.531 % of all', true]);
    t.same(countTexts({ ...some, counted, counts: requests(150) }), ['150 requests', '2.95 % of all', true]);
  }
});

t.test('a row says of how many traces a cause was looked for, and in how many it was seen', async (t) => {
  t.same(countTexts({ ...some, counted: 'looked' }), ['27 traces', 'of 5,085 looked at']);
  t.same(countTexts({ ...some, seen: 3 }), ['≈ 27 traces', 'seen in 3']);
});
