import t from 'tap';
import { nextOption } from '../../../src/page/components/inputs/next-option.ts';

const shown = ['any', 'pay-api', 'parcel', 'payments', 'web'];
const press = (key: string, active: number, typed?: { text: string; at: number }, timeStamp = 0) =>
  nextOption(shown, active, { key, timeStamp }, typed);
const nothing = () => ({ text: '', at: -10_000 });

t.test(
  'arrows go from the end of the list to its beginning, and back; Home and End go to both',
  async (t) => {
    t.equal(press('ArrowDown', 0, nothing()), 1);
    t.equal(press('ArrowDown', 4, nothing()), 0);
    t.equal(press('ArrowUp', 0, nothing()), 4);
    t.equal(press('ArrowDown', -1), 0);
    t.equal(press('ArrowUp', -1), 4);
    t.equal(press('Home', 3, nothing()), 0);
    t.equal(press('End', 0, nothing()), 4);
    t.equal(press('F5', 0, nothing()), undefined);
  },
);

t.test('letters lead to what begins with them; the same letter again to the next', async (t) => {
  const typed = nothing();
  t.equal(press('p', 0, typed, 0), 1);
  t.equal(press('a', 1, typed, 100), 1);
  t.equal(press('y', 1, typed, 200), 1);
  t.equal(press('m', 1, typed, 300), 3);
  const again = nothing();
  t.equal(press('p', 0, again, 0), 1);
  t.equal(press('p', 1, again, 100), 2);
  t.equal(press('p', 2, again, 200), 3);
  t.equal(press('w', 3, nothing()), 4);
});

t.test('with a filter, letters, Home and End belong to its text', async (t) => {
  for (const key of ['p', 'Home', 'End']) t.equal(press(key, 2), undefined, key);
  t.equal(press('ArrowDown', 2), 3);
});
