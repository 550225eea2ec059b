import t from 'tap';
import { sentences, span } from '../../make-span.ts';

t.test('parents and roots that are missing, too many or late are said', async (t) => {
  const child = span('child', 'root', 1, 2);
  const late = span('root', '', 0, 3, { received: child.received + 30_000_000_000n });
  t.strictSame(sentences([late, child]), ['torn-trace: The root span arrived 30 s after all the others']);
  t.strictSame(sentences([span('a', '', 0, 1), span('b', '', 0, 1)]), ['torn-trace: The trace has 2 roots']);
  t.strictSame(sentences([span('a', 'gone', 0, 1)]), [
    'torn-trace: The parent of 1 span has not arrived, so the trace has no root',
  ]);
});

t.test('a whole trace, and none at all, say nothing', async (t) => {
  t.strictSame(sentences([span('a', '', 0, 1), span('b', 'a', 0, 1)]), []);
  t.strictSame(sentences([]), []);
});
