import t from 'tap';
import type { SpanRecord } from '../../src/traces/read/span-record.ts';
import { buildTree } from '../../src/traces/tree/tree.ts';
import { span } from '../traces/make-span.ts';

const critical = (...spans: SpanRecord[]) =>
  Object.fromEntries(buildTree(spans).spans.map(({ record, critical }) => [record.spanId, critical / 1e6]));

t.test('a trace waits for the child that finished last, then for the one before it', async (t) => {
  const times = critical(
    span('root', '', 0, 100),
    span('first', 'root', 10, 40),
    span('hidden', 'root', 15, 35),
    span('last', 'root', 50, 90),
    span('inner', 'last', 60, 80),
  );
  t.strictSame(times, { root: 30, first: 30, hidden: 0, last: 20, inner: 20 });
});

t.test('children count only as far as they lie within their parent', async (t) => {
  const times = critical(
    span('root', '', 0, 100),
    span('outlives', 'root', 80, 300),
    span('after', 'root', 150, 160),
    span('before', 'root', -20, 10),
  );
  t.strictSame(times, { before: 10, root: 70, outlives: 20, after: 0 });
});
