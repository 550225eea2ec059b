import t from 'tap';
import { findingsOf } from '../../../src/traces/findings/rules.ts';
import { buildModel } from '../../../src/traces/model/trace-model.ts';
import { outlineTree } from '../../../src/traces/tree/outline-tree.ts';
import { buildTree } from '../../../src/traces/tree/tree.ts';
import { client, sentences } from '../make-span.ts';

const of = (lost: 'before' | 'after') => {
  const outline = outlineTree(
    't',
    buildTree([client('call', '', 0, 12, { name: 'GET /users', service: 'api' })]),
  );
  return findingsOf(buildModel({ ...outline, lost: [[0, lost]] })).map(({ sentence }) => sentence);
};

t.test('a call whose other half is another trace says which half', async (t) => {
  t.match(of('before'), [
    /^The trace begins with GET \/users, a call of 12.0 ms by api, which answers requests/,
  ]);
  t.match(of('after'), [
    /^The trace ends with GET \/users, a call of 12.0 ms by api: what it called sends spans/,
  ]);
});

t.test('a call alone says nothing', async (t) => {
  t.strictSame(sentences([client('call', '', 0, 12)]), []);
});
