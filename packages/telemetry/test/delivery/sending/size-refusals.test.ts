import t from 'tap';
import { SizeRefusals } from '../../../src/delivery/sending/size-refusals.ts';

t.test('every eighth single span that is refused in a row asks for a wait', async (t) => {
  const refusals = new SizeRefusals();
  const waits = Array.from({ length: 24 }, () => refusals.refused());
  t.same(
    waits.flatMap((isWait, index) => (isWait ? [index + 1] : [])),
    [8, 16, 24],
  );
  t.ok(refusals.isUnbroken);
});

t.test('any other answer begins the count anew', async (t) => {
  const refusals = new SizeRefusals();
  for (let span = 0; span < 7; span++) refusals.refused();
  refusals.ended();
  t.notOk(refusals.isUnbroken);
  t.notOk(refusals.refused());
});
