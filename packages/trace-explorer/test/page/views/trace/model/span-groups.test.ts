import t from 'tap';
import { foldingOf, rowOf, toggleFold, visibleRows } from '../../../../../src/page/views/trace/folding.ts';
import { moveOf } from '../../../../../src/page/views/trace/grid/keyboard.ts';
import type { TraceState } from '../../../../../src/page/views/trace/trace-state.ts';
import { PLAIN_STATE } from '../../../../../src/page/views/trace/trace-state.ts';
import { SpanGroups } from '../../../../../src/traces/model/span-groups.ts';
import { buildModel } from '../../../../../src/traces/model/trace-model.ts';
import { outline } from './outline.ts';

const ms = 1e6;
const rows = [
  [0, 'GET /', 0, 100],
  [1, 'SELECT', 10, 2],
  [1, 'SELECT', 14, 2],
  [1, 'SELECT', 15, 5],
  [1, 'render', 30, 5],
  [1, 'SELECT', 40, 1],
  [1, 'SELECT', 42, 1],
  [1, 'call', 50, 40],
  [2, 'SELECT', 51, 1],
  [2, 'SELECT', 52, 1],
  [2, 'SELECT', 53, 1],
  [2, 'SELECT', 54, 1],
] as const;

function grouped(
  more: Parameters<typeof outline>[1] = {},
  state: Partial<TraceState> = {},
  found: readonly number[] = [],
) {
  const model = buildModel(outline(rows, more));
  const groups = new SpanGroups(model);
  const folding = foldingOf(model, groups, { ...PLAIN_STATE, ...state }, found);
  return { model, groups, folding, groupAt: folding.groupAt, shown: visibleRows(model, folding) };
}

t.test('three and more equal neighbours are one row, from the first’s start to the last’s end', async (t) => {
  const { groups, groupAt, shown } = grouped();
  t.same([...shown], [0, 1, 4, 5, 6, 7, 8]);
  t.same(groupAt?.(1), { first: 1, end: 4, from: 10 * ms, until: 20 * ms, sum: 9 * ms });
  t.equal(groupAt?.(5), undefined, 'two are shown one by one');
  t.equal(groups.of(3)?.first, 1);
  t.equal(groups.of(4), undefined);
  t.equal(groups.of(11)?.first, 8, 'not with those of another parent');
  t.equal(rowOf(shown, 10), 6, 'a hidden one is at the row of its group');
});

t.test('a span with an error, link, mark or event of its own is never hidden in a group', async (t) => {
  const ownOnes = {
    errors: [9],
    links: [[9, 1]],
    marks: [[9, ['duplicate']]],
    events: { place: [9], offset: [52 * ms], name: [0] },
  } as const;
  for (const [key, value] of Object.entries(ownOnes)) {
    const { shown } = grouped({ [key]: value });
    t.same([...shown].slice(5), [7, 8, 9, 10, 11], key);
  }
  const others = { kind: rows.map((_, place) => (place === 10 ? 0 : 1)) };
  t.same([...grouped(others).shown].slice(5), [7, 8, 9, 10, 11], 'nor is another kind');
});

t.test('groups open by hand, and where something in them is looked for', async (t) => {
  const { model } = grouped();
  const folded = toggleFold([], model.ref(1));
  t.same([...grouped({}, { folded }).shown], [0, 1, 2, 3, 4, 5, 6, 7, 8]);
  t.same(toggleFold(folded, model.ref(1)), []);
  t.same([...grouped({}, { span: model.ref(3) }).shown].slice(0, 4), [0, 1, 2, 3], 'a selected one is shown');
  t.same(
    [...grouped({}, { span: model.ref(1) }).shown].slice(0, 3),
    [0, 1, 4],
    'the first is the group itself',
  );
  const { groupAt } = grouped({}, {}, [9]);
  t.equal(groupAt?.(8), undefined);
  t.ok(groupAt?.(1));
  t.equal(grouped({}, { root: model.ref(8) }).groupAt?.(8), undefined);
  for (const state of [{ each: true }, { criticalPath: true }])
    t.equal(grouped({}, state).shown.length, rows.length);
  t.same([...grouped({}, { each: true, folded }).shown].slice(0, 3), [0, 1, 4], 'and close by hand');
});

t.test('by keyboard a group opens and closes as a subtree does', async (t) => {
  const { model, groups, folding, shown } = grouped();
  const key = (name: string) => ({ key: name, ctrlKey: false, metaKey: false, altKey: false });
  const closed = { model, rows: shown, folding, groups, row: 1, page: 3 };
  t.same(moveOf(key('ArrowRight'), closed), { toggle: 1 });
  t.same(moveOf(key(' '), closed), { toggle: 1 });
  t.same(moveOf(key('ArrowLeft'), closed), { select: 0 }, 'and a closed one leads to the parent');
  const open = grouped({}, { folded: [model.ref(1)] });
  const at = { ...closed, rows: open.shown, folding: open.folding, row: 3 };
  t.same(moveOf(key('ArrowLeft'), at), { select: 1, toggle: 1 });
  t.same(moveOf(key('ArrowDown'), at), { select: 4 });
});
