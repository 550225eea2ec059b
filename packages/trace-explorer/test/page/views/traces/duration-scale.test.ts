import t from 'tap';
import { durationScale } from '../../../../src/page/views/traces/duration-scale.ts';

t.test('one long trace does not make all others too short to see; what is cut is said', (t) => {
  const usual = Array.from({ length: 40 }, (_, i) => 60 + i);
  t.strictSame(durationScale([...usual, 4800]), { full: 100, cut: true });
  t.strictSame(
    durationScale([...usual, 180]),
    { full: 200, cut: false },
    'the longest, when it is not far beyond',
  );
  t.strictSame(durationScale([0.4, 0.31]), { full: 0.4, cut: false });
  t.strictSame(durationScale([12]), { full: 15, cut: false });
  t.ok(durationScale([]).full > 0);
  t.ok(durationScale([0, 0]).full > 0);
  t.end();
});
