import t from 'tap';
import { criticalPathOf } from '../../../../../src/core/traces/model/critical-path.ts';
import { selfTimes } from '../../../../../src/core/traces/model/self-times.ts';
import { buildModel } from '../../../../../src/core/traces/model/trace-model.ts';
import { pageParts } from '../../../../../src/page/parts.ts';
import { showParts } from '../../../../../src/page/shown-parts.ts';
import { valueText } from '../../../../../src/page/values/any-value.ts';
import { compareTraces, largestChange } from '../../../../../src/parts/trace/compare-traces.ts';
import { moveOf } from '../../../../../src/parts/trace/page/grid/keyboard.ts';
import { placeAbout } from '../../../../../src/parts/trace/page/panel/narrow-place.ts';
import {
  errorGroups,
  errorOrder,
  errorText,
  nextError,
} from '../../../../../src/parts/trace/page/state/error-order.ts';
import {
  foldingOf,
  reveal,
  rowOf,
  runRef,
  toggleFold,
  visibleRows,
} from '../../../../../src/parts/trace/page/state/folding.ts';
import { placeBar } from '../../../../../src/parts/trace/page/state/geometry.ts';
import type { TraceState } from '../../../../../src/parts/trace/page/state/trace-state.ts';
import {
  PLAIN_STATE,
  readTraceState,
  stateParams,
} from '../../../../../src/parts/trace/page/state/trace-state.ts';
import { outline } from './outline.ts';

t.teardown(showParts(pageParts));

const ms = 1e6;

const sample = outline([
  [0, 'root', 0, 100],
  [1, 'a', 5, 40],
  [2, 'b', 10, 10],
  [2, 'c', 25, 15],
  [1, 'd', 60, 30],
]);

t.test('the shape of the tree: depths, children, extents, errors below', (t) => {
  const model = buildModel({ ...sample, errors: [3] });
  t.same([...model.depth], [0, 1, 2, 2, 1]);
  t.same([...model.children], [2, 2, 0, 0, 0]);
  t.same([...model.end], [5, 4, 3, 4, 5]);
  t.same([...model.errorsWithin], [1, 1, 0, 1, 0]);
  t.equal(model.indexOf(model.ref(3)), 3);
  t.end();
});

t.test('folding hides the descendants; a level can be opened in places, and a subtree shown alone', (t) => {
  const model = buildModel(sample);
  const rows = (state: Partial<TraceState>) => [
    ...visibleRows(model, foldingOf(model, { ...PLAIN_STATE, ...state })),
  ];
  t.same(rows({}), [0, 1, 2, 3, 4]);
  const folded = toggleFold([], model.ref(1));
  t.same(rows({ folded }), [0, 1, 4]);
  t.same(rows({ folded: toggleFold(folded, model.ref(1)) }), [0, 1, 2, 3, 4]);
  t.same(rows({ depth: 1 }), [0, 1, 4]);
  t.same(rows({ depth: 1, folded }), [0, 1, 2, 3, 4], 'opened at a depth that is folded');
  t.same(rows({ root: model.ref(1) }), [1, 2, 3]);
  t.same(rows({ root: 'f'.repeat(16) }), [0, 1, 2, 3, 4], 'a root that is not there is as if not said');
  t.end();
});

const call = (level: number, at: number, name = 'SELECT lines') => [level, name, at, 10] as const;
const loop = outline([
  [0, 'root', 0, 200],
  ...[10, 20, 30, 40, 50].map((at) => call(1, at)),
  call(1, 60, 'SELECT orders'),
  ...[70, 80, 90].map((at) => call(1, at)),
  [1, 'render', 110, 80],
  ...[110, 120, 130, 140].flatMap((at) => [call(2, at, 'GET'), call(3, at, 'row')]),
]);

t.test('equal siblings one after the other are one row, which opens', (t) => {
  const model = buildModel(loop);
  const rows = (state: Partial<TraceState>) => [
    ...visibleRows(model, foldingOf(model, { ...PLAIN_STATE, ...state })),
  ];
  t.same(rows({}), [0, 1, 6, 7, 8, 9, 10, 11], 'three are too few');
  const { runs } = foldingOf(model, PLAIN_STATE);
  t.match(runs.byFirst.get(1), { indexes: [1, 2, 3, 4, 5], end: 6, together: 50 * ms, longest: 10 * ms });
  t.match(runs.byFirst.get(11), { indexes: [11, 13, 15, 17], end: 19 });
  const folded = toggleFold([], runRef(model.ref(1)));
  t.same(rows({ folded }), [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
  t.same(readTraceState({ params: stateParams({ ...PLAIN_STATE, folded }) }).folded, folded);
  const failing = buildModel({ ...loop, errors: [3] });
  t.equal(foldingOf(failing, PLAIN_STATE).runs.byFirst.has(1), false, 'a failed one is not hidden');
  const shown = reveal(model, { state: PLAIN_STATE, folding: foldingOf(model, PLAIN_STATE) }, 14);
  t.ok(rows(shown).includes(14), 'what leads to a span opens its row');
  t.end();
});

t.test('a run opens and closes by the keys of a tree', (t) => {
  const model = buildModel(loop);
  const press = (key: string, row: number, folded: readonly string[] = []) => {
    const folding = foldingOf(model, { ...PLAIN_STATE, folded });
    const here = { model, rows: visibleRows(model, folding), folding, row, page: 3 };
    return moveOf({ key, ctrlKey: false, metaKey: false, altKey: false }, here);
  };
  const open = [runRef(model.ref(1))];
  t.same(press('ArrowRight', 1), { toggle: 1 });
  t.same(press(' ', 1), { toggle: 1 });
  t.same(press('ArrowLeft', 1), { select: 0 });
  t.same(press('ArrowLeft', 3, open), { closeRun: 3 });
  t.same(press('ArrowDown', 3, open), { select: 4 });
  t.end();
});

t.test('only matches: with their ancestors, whatever is folded', (t) => {
  const model = buildModel(loop);
  const state = { ...PLAIN_STATE, folded: [model.ref(10)] };
  const rows = (matches: readonly number[]) => [...visibleRows(model, foldingOf(model, state, { matches }))];
  t.same(rows([14, 3]), [0, 3, 10, 13, 14]);
  t.same(rows([]), []);
  t.end();
});

t.test('revealing a hidden span opens all spans above it and leaves a subtree without it', (t) => {
  const model = buildModel(sample);
  for (const changes of [
    { depth: 0 },
    { folded: [model.ref(0), model.ref(1)] },
    { root: model.ref(4) },
    { root: model.ref(4), depth: 0 },
  ]) {
    const state = { ...PLAIN_STATE, ...changes };
    const folding = foldingOf(model, state);
    const shown = { ...state, ...reveal(model, { state, folding }, 2) };
    t.ok(visibleRows(model, foldingOf(model, shown)).includes(2));
  }
  t.end();
});

t.test('a row is found by its index, a hidden index by the row that hides it', (t) => {
  const rows = Int32Array.of(0, 1, 4);
  t.same(
    [0, 1, 2, 3, 4].map((index) => rowOf(rows, index)),
    [0, 1, 1, 1, 2],
  );
  t.equal(rowOf(Int32Array.of(3, 4), 1), -1);
  t.equal(rowOf(new Int32Array(), 0), -1);
  t.end();
});

t.test('keys move in the tree as in any tree', (t) => {
  const model = buildModel(sample);
  const folding = foldingOf(model, PLAIN_STATE);
  const here = { model, rows: visibleRows(model, folding), folding, page: 3 };
  const press = (key: string, row: number, more = {}) =>
    moveOf({ key, ctrlKey: false, metaKey: false, altKey: false, ...more }, { ...here, row });
  t.same(press('ArrowDown', -1), { select: 0 });
  t.same(press('ArrowDown', 4), { select: 4 });
  t.same(press('ArrowUp', 0), { select: 0 });
  t.same(press('End', 0), { select: 4 });
  t.same(press('PageDown', 0), { select: 3 });
  t.same(press('ArrowLeft', 2), { select: 1 });
  t.same(press('ArrowLeft', 1), { toggle: 1 });
  t.same(press('ArrowRight', 0), { select: 1 });
  t.same(press('Enter', 2), { open: 2 });
  t.same(press(' ', 1), { toggle: 1 });
  t.equal(press('x', 1), undefined);
  t.equal(press('ArrowDown', 1, { ctrlKey: true }), undefined);
  t.end();
});

t.test('bars are cut to the range, and say on which side they are out of it', (t) => {
  t.same(placeBar(10, 20, [0, 100]), { left: 10, width: 20, outside: 0 });
  t.same(placeBar(10, 80, [50, 100]), { left: 0, width: 80, outside: 0 });
  t.equal(placeBar(10, 20, [50, 100]).outside, -1);
  t.equal(placeBar(60, 20, [0, 50]).outside, 1);
  t.same(placeBar(0, 0, [0, 0]), { left: 0, width: 0, outside: 0 });
  t.end();
});

t.test('without correction spans stand where their own clocks put them', (t) => {
  const skewed = { ...sample, shift: [[4, -200 * ms]] as const };
  t.equal(buildModel(skewed).offset[4], 60 * ms);
  const sent = buildModel(skewed, { asSent: true });
  t.equal(sent.offset[4], 260 * ms);
  t.equal(sent.duration, 290 * ms);
  const early = buildModel({ ...sample, shift: [[4, 100 * ms]] }, { asSent: true });
  t.equal(early.offset[4], 0, 'the earliest begins the time line');
  t.equal(early.offset[0], 40 * ms);
  t.equal(early.start, 1_790_000_000_000_000_000n - 40_000_000n);
  t.end();
});

t.test('the critical path: when the trace waits for which span', (t) => {
  const path = criticalPathOf(buildModel(sample));
  t.equal(path.time(4), 30 * ms);
  t.equal(path.time(3), 15 * ms);
  t.same(path.segments(3), [[25 * ms, 40 * ms]]);
  t.equal(
    [0, 1, 2, 3, 4].reduce((sum, index) => sum + path.time(index), 0),
    100 * ms,
  );
  t.end();
});

t.test('two traces: added, missing, slower and faster spans are marked', (t) => {
  const there = outline([
    [0, 'root', 0, 90],
    [1, 'a', 5, 40],
    [2, 'b', 10, 10],
    [2, 'b', 21, 1],
    [1, 'd', 50, 60],
    [1, 'e', 55, 5],
    [2, 'f', 56, 1],
  ]);
  const merged = compareTraces(buildModel(sample), buildModel({ ...there, trace_id: 'b'.repeat(32) }));
  const rows = Array.from({ length: merged.count }, (_, index) => {
    const { difference } = merged.comparison?.(index) ?? {};
    return `${'.'.repeat(merged.depth[index] ?? 0)}${merged.name(index)} ${difference}`;
  });
  t.same(rows, [
    'root same',
    '.a same',
    '..b same',
    '..b missing',
    '..c added',
    '.e missing',
    '..f missing',
    '.d faster',
  ]);
  t.equal(merged.traceOf(3), 'b'.repeat(32));
  t.equal(merged.source(3), -1);
  t.equal(merged.source(7), 4);
  t.equal(merged.comparison?.(7).otherDuration, 60 * ms);
  const same = compareTraces(buildModel(sample), buildModel(sample));
  t.ok(
    Array.from({ length: same.count }, (_, index) => same.comparison?.(index).difference).every(
      (d) => d === 'same',
    ),
  );
  t.end();
});

t.test('a deep trace is no deeper for the stack', (t) => {
  const rows = Array.from({ length: 50_000 }, (_, depth) => [depth, 'level', 0, 1] as const);
  const model = buildModel(outline(rows));
  t.equal(model.depth.at(-1), 49_999);
  t.equal(compareTraces(model, model).count, 50_000);
  t.equal(criticalPathOf(model).time(49_999), 1 * ms);
  t.end();
});

t.test('a state survives its URL, whatever the names hold; nonsense there is ignored', (t) => {
  const state = {
    span: '00f067aa0ba902b7.1',
    root: '00f067aa0ba902b7',
    folded: ['00f067aa0ba902b8', '00f067aa0ba902b9'],
    depth: 2,
    range: [1_500_000, 80_000_000] as const,
    onlyMatches: true,
    search: 'a&b=ü',
    columns: ['a,b', 'c%2C', '<script>'],
    color: 'user.id',
    tab: 'honeycomb' as const,
    finding: 'repeated-call:00f067aa0ba902b7.1',
    asSent: true,
    criticalPath: true,
    linked: true,
    compare: 'b'.repeat(32),
    logs: true,
    logLevel: 'warn' as const,
    logText: 'a, b & c',
    line: '17',
  };
  const query = new URLSearchParams(stateParams(state)).toString();
  const params = Object.fromEntries(new URLSearchParams(query));
  t.same(readTraceState({ params }), state);
  const nothing = readTraceState({ params: {} });
  t.same(stateParams(nothing), {});
  const nonsense = {
    span: 'x',
    root: '../',
    depth: '-1',
    range: '9-1',
    tab: 'no',
    compare: '1',
    fold: ',,%',
    open: '<',
    logs: 'x',
    log_level: 'loud',
    log: '-1',
  };
  t.same(readTraceState({ params: nonsense }), nothing);
  t.end();
});

t.test('a query about a span covers the time that its trace is in', (t) => {
  const now = 1_790_000_000;
  const at = (secondsAgo: number) => ({ start: BigInt(now - secondsAgo) * 1_000_000_000n, duration: 1e9 });
  const query = (secondsAgo: number) =>
    JSON.parse(
      placeAbout(at(secondsAgo), [{ column: 'a', op: '=', value: 1 }], ['b'], now).params.query ?? '',
    );
  t.match(query(60), { time_range: 600, breakdowns: ['b'], filters: [{ column: 'a', op: '=', value: 1 }] });
  t.match(query(86_400), { start_time: now - 86_700, end_time: now - 86_099 });
  t.end();
});

t.test("values of OTLP's JSON as text", (t) => {
  t.equal(valueText({ stringValue: '' }), '');
  t.equal(valueText({ intValue: '9007199254740993' }), '9007199254740993');
  t.equal(valueText({ boolValue: false }), 'false');
  t.equal(valueText({ arrayValue: { values: [{ stringValue: 'a' }, { doubleValue: 1.5 }] } }), '["a",1.5]');
  t.equal(valueText({ kvlistValue: { values: [{ key: 'k', value: { boolValue: true } }] } }), '{"k":true}');
  t.equal(valueText(undefined), '');
  t.end();
});

t.test('own time leaves out the time of children, also side by side and beyond their parent', async (t) => {
  const model = buildModel(
    outline([
      [0, 'root', 0, 100],
      [1, 'a', 10, 40],
      [1, 'b', 30, 40],
      [2, 'after its parent', 90, 50],
      [1, 'c', 80, 5],
    ]),
  );
  t.same(
    [...selfTimes(model)].map((ns) => ns / ms),
    [35, 40, 40, 50, 5],
  );
});

t.test('the error that caused the others comes first, with the errors of the spans above it', async (t) => {
  const model = buildModel(
    outline(
      [
        [0, 'client', 0, 100],
        [1, 'retry', 5, 10],
        [1, 'server', 20, 70],
        [2, 'query', 30, 20],
      ],
      {
        errors: [0, 1, 2, 3],
        status_code: [
          [0, '503'],
          [2, '503'],
        ],
        problem: [
          [0, '503'],
          [1, 'timeout'],
          [2, '503'],
        ],
        status_message: [[3, 'database is locked']],
      },
    ),
  );
  t.same(errorOrder(model), [3, 0, 1, 2]);
  // The root is selected when the trace is opened, and has an error itself.
  const visited = [nextError(model, { selected: 0, stepped: -1 }, 1)];
  for (let step = 0; step < 4; step++) {
    const at = visited.at(-1) ?? -1;
    visited.push(nextError(model, { selected: at, stepped: at }, 1));
  }
  t.same(visited, [3, 0, 1, 2, 3], 'the cause first, then the others, and again');
  t.equal(nextError(model, { selected: 3, stepped: -1 }, 1), 0);
  t.equal(nextError(model, { selected: 0, stepped: 0 }, -1), 3);
  t.equal(nextError(buildModel(sample), { selected: 0, stepped: -1 }, 1), undefined);
  t.equal(errorText(model, 0), '503 from api: database is locked');
  t.equal(errorText(model, 1), 'timeout');
  t.equal(errorText(model, 3), 'database is locked');
});

t.test('equal errors are one cause, and errors that pass them on are none', (t) => {
  const model = buildModel(
    outline(
      [
        [0, 'request', 0, 100],
        [1, 'call', 0, 10],
        [2, 'serve', 1, 8],
        [1, 'call', 20, 10],
        [2, 'serve', 21, 8],
        [1, 'fetch', 40, 10],
        [1, 'fetch', 60, 10],
      ],
      {
        errors: [0, 1, 2, 3, 4, 5, 6],
        problem: [
          [0, 'no feed'],
          [2, 'no row 4711'],
          [4, 'no row 4712'],
          [5, 'answered 404'],
          [6, 'connection refused'],
        ],
      },
    ),
  );
  t.same(errorGroups(model), [[2, 4], [5], [6]]);
  t.same(errorGroups(buildModel(sample)), []);
  t.end();
});

t.test('of four levels that differ by the same, the one whose own time changed is named', async (t) => {
  const levels = (by: number) =>
    buildModel(
      outline([
        [0, 'root', 0, 40 + by],
        [1, 'a', 1, 36 + by],
        [2, 'b', 2, 32 + by],
        [3, 'c', 3, 28 + by],
      ]),
    );
  const compared = compareTraces(levels(200), levels(0));
  t.same(largestChange(compared), { indexes: [3], change: 200 * ms, share: 1 });
  t.equal(compared.comparison?.(0).selfChange, 0);
  t.equal(compared.comparison?.(3).selfChange, 200 * ms);
  t.equal(largestChange(compareTraces(levels(0), levels(0))), undefined);
});

t.test('like spans of one parent are one change, with its share of the whole difference', async (t) => {
  const calls = (count: number, took: number) =>
    Array.from({ length: count }, (_, at) => [
      [1, 'SELECT stock', 1 + at * took, took] as const,
      [2, 'server', 1 + at * took, took - 1] as const,
    ]).flat();
  const few = buildModel(outline([[0, 'root', 0, 30], ...calls(2, 10)]));
  const many = buildModel(outline([[0, 'root', 0, 180], ...calls(15, 10)]));
  const change = largestChange(compareTraces(many, few));
  t.match(change, { change: 130 * ms, share: 130 / 150 });
  t.equal(change?.indexes.length, 15, 'what is below the new spans counts as theirs');
  const back = largestChange(compareTraces(few, many));
  t.match(back, { change: -130 * ms, share: 130 / 150 });
  const parallel = buildModel(
    outline([[0, 'root', 0, 40], ...Array.from({ length: 15 }, () => [1, 'SELECT', 1, 10] as const)]),
  );
  t.equal(largestChange(compareTraces(parallel, few))?.share, undefined, 'more than the whole is no share');
});

t.test('a span of this trace is found by its id, also where the other trace has the same id', async (t) => {
  const here = buildModel(
    outline([
      [0, 'root', 0, 30],
      [1, 'a', 1, 10],
    ]),
  );
  const there = buildModel(
    outline([
      [0, 'root', 0, 30],
      [1, 'b', 2, 10],
    ]),
  );
  const compared = compareTraces(here, there);
  t.equal(compared.name(compared.indexOf(here.ref(1))), 'a');
  t.equal(compared.own, here);
});
