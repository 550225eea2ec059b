import t from 'tap';
import { redactionOf } from '../../src/sdk/redaction.ts';

t.test('a key to redact that has a * stands for all keys that begin like the text before it', async (t) => {
  const isRedacted = redactionOf(['user.id', 'card.*', 'a*b']);
  t.strictSame(['user.id', 'card.number', 'a.b', 'ab'].filter(isRedacted).length, 4);
  t.strictSame(['user.name', 'card', 'b'].filter(isRedacted), []);
});
