import { createContextKey } from '@opentelemetry/api';
import t from 'tap';
import { REQUEST_ROOT } from '../../src/context/incoming.ts';

const [A, B] = [createContextKey('a'), createContextKey('b')];

t.test(
  'values are set, replaced and deleted in a new context, and the old one stays as it was',
  async (t) => {
    const one = REQUEST_ROOT.setValue(A, 1).setValue(B, 2);
    const two = one.setValue(A, 'new');
    const three = one.deleteValue(A);
    const values = [REQUEST_ROOT, one, two, three].map((context) => [
      context.getValue(A),
      context.getValue(B),
    ]);
    t.same(values, [
      [undefined, undefined],
      [1, 2],
      ['new', 2],
      [undefined, 2],
    ]);
  },
);

t.test('deleting what is not there changes nothing', async (t) => {
  const context = REQUEST_ROOT.setValue(A, 1);
  t.equal(context.deleteValue(B), context);
});
