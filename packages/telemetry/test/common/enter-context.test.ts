import { context, createContextKey, ROOT_CONTEXT } from '@opentelemetry/api';
import t from 'tap';
import { registerGlobals, unregisterGlobals } from '../../src/road/spans/globals.ts';

// Alone in its process: a context manager is registered.
const KEY = createContextKey('test');

t.test('another copy of this package enters contexts, too, as tsx loads one', async (t) => {
  const other = await import(`../../src/common/enter-context.ts${'?copy'}`);
  registerGlobals({ inject() {}, extract: (given) => given, fields: () => [] });
  const left = other.enterContext(ROOT_CONTEXT.setValue(KEY, 'entered'));
  t.equal(context.active().getValue(KEY), 'entered');
  left?.dispose();
  t.equal(context.active().getValue(KEY), undefined);
  unregisterGlobals();
  t.equal(other.enterContext(ROOT_CONTEXT), undefined);
});
