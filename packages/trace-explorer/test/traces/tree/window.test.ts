import t from 'tap';
import { buildTree } from '../../../src/traces/tree/tree.ts';
import type { WindowOptions } from '../../../src/traces/tree/window.ts';
import { cutWindow } from '../../../src/traces/tree/window.ts';
import { span } from '../make-span.ts';

const tree = buildTree([
  span('root', '', 0, 100),
  span('a', 'root', 1, 10),
  span('a1', 'a', 2, 3),
  span('a2', 'a', 4, 5),
  span('b', 'root', 20, 30),
  span('b1', 'b', 21, 22),
]);
const cut = (options: Partial<WindowOptions>) => {
  const window = cutWindow(tree, { offset: 0, limit: 100, ...options });
  return window && { ...window, spans: window.spans.map((row) => row.span.record.spanId).join(' ') };
};

t.test('a window is a piece of the visible list', async (t) => {
  t.strictSame(cut({ offset: 2, limit: 2 }), { spans: 'a1 a2', offset: 2, visible: 6 });
  t.strictSame(cut({ offset: 99 }), { spans: '', offset: 99, visible: 6 });
});

t.test('what is below a collapsed span is hidden and not counted', async (t) => {
  t.strictSame(cut({ collapsed: new Set(['a']) }), { spans: 'root a b b1', offset: 0, visible: 4 });
  const rows = cutWindow(tree, { offset: 0, limit: 9, collapsed: new Set(['a', 'a1']) })?.spans;
  t.strictSame(
    rows?.filter((row) => row.collapsed).map((row) => row.place),
    [1],
  );
});

t.test('a subtree is a trace of its own', async (t) => {
  t.strictSame(cut({ root: 'a' }), { spans: 'a a1 a2', offset: 0, visible: 3 });
  t.equal(cut({ root: 'nobody' }), undefined);
});

t.test('the window moves to the span asked for', async (t) => {
  t.match(cut({ focus: 'b1', limit: 2 }), { spans: 'b b1', offset: 4 });
  t.match(cut({ focus: 'a1', limit: 2, collapsed: new Set(['a']) }), { offset: 0 }, 'hidden: stays');
});
