import t from 'tap';
import type { SpanRecord } from '../../../../src/core/traces/read/span-record.ts';
import { hostKey } from '../../../../src/core/traces/read/span-record.ts';
import { skewBetween } from '../../../../src/core/traces/tree/skew.ts';
import { TraceCache } from '../../../../src/core/traces/tree/trace-cache.ts';
import type { TraceTree } from '../../../../src/core/traces/tree/tree.ts';
import { buildTree } from '../../../../src/core/traces/tree/tree.ts';
import { at, ids } from '../../../explorer.ts';
import { storeSpans, temporaryStore } from '../../../spans.ts';
import { client, findingsIn, placed, server, span } from '../make-span.ts';

const outline = (tree: TraceTree) =>
  placed(tree)
    .map(({ span_id, depth }) => `${'  '.repeat(depth)}${span_id}`)
    .join('\n');
const said = (tree: TraceTree) => findingsIn(tree).map(({ sentence }) => sentence);
const marks = (tree: TraceTree, id: string) =>
  tree.spans.filter(({ record }) => record.spanId === id).map((placed) => placed.marks);

t.test('spans in any order become one tree, siblings by start', async (t) => {
  const tree = buildTree([
    span('late', 'root', 50, 60),
    span('grandchild', 'early', 12, 18, { error: true }),
    span('root', '', 0, 100),
    span('early', 'root', 10, 20),
  ]);
  t.equal(outline(tree), 'root\n  early\n    grandchild\n  late');
  t.strictSame(tree.arrival, {});
  const [root] = placed(tree);
  t.match(root, { children: 2, descendants: 3, errors_within: 1, offset_ms: 0, parent: -1 });
  t.equal(tree.duration, 100e6);
});

t.test('a span whose parent is missing is a root, and both say so', async (t) => {
  const tree = buildTree([span('root', '', 0, 10), span('orphan', 'gone', 5, 6)]);
  t.equal(outline(tree), 'root\norphan');
  t.match(said(tree), [/^The parent of 1 span has not arrived/]);
  t.equal(said(tree).length, 1);
  t.strictSame(marks(tree, 'orphan'), [['missing_parent']]);
});

t.test('a trace without its root says that it is incomplete', async (t) => {
  t.match(said(buildTree([span('a', 'gone', 0, 1)])), [
    /^The parent of 1 span has not arrived, so the trace has no root$/,
  ]);
  t.strictSame(buildTree([]), { spans: [], start: 0n, duration: 0, arrival: {} });
});

t.test('two roots and a root that came late are named', async (t) => {
  t.strictSame(said(buildTree([span('a', '', 0, 1), span('b', '', 0, 1)])), ['The trace has 2 roots']);
  const child = span('child', 'root', 1, 2);
  const root = span('root', '', 0, 3, { received: child.received + 30_000_000_000n });
  const tree = buildTree([child, root]);
  t.strictSame(said(tree), ['The root span arrived 30 s after all the others']);
});

t.test('a cycle is opened at its earliest span and nothing is lost', async (t) => {
  const tree = buildTree([
    span('root', '', 0, 100),
    span('b', 'a', 20, 30),
    span('c', 'b', 30, 40),
    span('a', 'c', 10, 20),
    span('below', 'c', 35, 36),
    span('self', 'self', 1, 2),
  ]);
  t.equal(outline(tree), 'root\nself\na\n  b\n    c\n      below');
  t.strictSame(marks(tree, 'a'), [['cycle_broken']]);
  t.strictSame(marks(tree, 'b'), [[]]);
  t.match(said(tree), [/^2 cycles of spans that are their own ancestors/]);
});

t.test('different spans of one id are both shown', async (t) => {
  const spans = [
    span('root', '', 0, 10),
    span('shared', 'root', 3, 4, { service: 'api' }),
    span('shared', 'root', 5, 6, { service: 'users' }),
    span('child', 'shared', 5, 6, { service: 'users' }),
  ];
  const tree = buildTree(spans);
  t.equal(outline(tree), 'root\n  shared\n  shared\n    child');
  t.strictSame(marks(tree, 'shared'), [['duplicate_id'], ['duplicate_id']]);
  t.match(said(tree), [/^An id was used for different spans/]);
});

t.test('impossible times are shown where they make sense and marked', async (t) => {
  const root = span('root', '', 0, 10);
  const tree = buildTree([
    root,
    span('backwards', 'root', 5, 3),
    span('untimed', 'root', 0, 1, { start: 0n }),
    span('below-untimed', 'untimed', 4, 5),
    span('future', 'root', 8, 9, { received: root.start - 7_200_000_000_000n }),
  ]);
  t.match(said(tree), [/^Start more than an hour/, /^End before start/, /^No start time/]);
  t.strictSame(marks(tree, 'untimed'), [['no_start_time']]);
  t.equal(tree.spans.find(({ record }) => record.spanId === 'untimed')?.offset, 0);
  t.equal(tree.spans.find(({ record }) => record.spanId === 'below-untimed')?.offset, 4e6);
  t.equal(tree.start, root.start, 'a span without a time does not move the trace to 1970');
});

t.test('only a change of host is adjusted, and spans below move along', async (t) => {
  const tree = buildTree([
    span('root', '', 0, 100, { host: 'one' }),
    span('remote', 'root', -500, -440, { kind: 'server', host: 'two' }),
    span('remote-child', 'remote', -480, -470, { host: 'two' }),
    span('local', 'root', -1, 5, { host: 'one' }),
  ]);
  const placed = new Map(tree.spans.map((item) => [item.record.spanId, item]));
  t.equal(placed.get('remote')?.shift, 520e6, 'centred in its parent');
  t.equal(placed.get('remote-child')?.shift, 520e6);
  t.equal(placed.get('local')?.shift, 0);
  t.equal(placed.get('remote')?.offset, 21e6, 'measured from the earliest adjusted start');
  t.strictSame(marks(tree, 'remote'), [['clock_adjusted']]);
  t.equal(placed.get('remote')?.record.start, tree.start + 1_000_000n - 500_000_000n, 'the raw time is kept');
});

t.test('work that nobody waits for is never moved into its parent', async (t) => {
  const shifts = (tree: TraceTree) => tree.spans.map(({ shift }) => shift);
  const producer = span('producer', '', 0, 11, { kind: 'producer', host: 'one' });
  const consumer = span('consumer', 'producer', 2000, 2040, { kind: 'consumer', host: 'two' });
  const queued = buildTree([producer, consumer, span('work', 'consumer', 2001, 2039, { host: 'two' })]);
  t.strictSame(shifts(queued), [0, 0, 0], 'the time in the queue stays');
  t.strictSame(said(queued), [
    'A message waited 1.99 s in its queue until consumer of api took it, whose work took 40.0 ms',
  ]);
  const early = span('early', 'producer', -500, -480, { kind: 'consumer', host: 'two' });
  t.strictSame(shifts(buildTree([producer, early])), [0, 500e6], 'nothing is received before it was sent');
  const background = span('background', 'producer', 5, 10, { host: 'two' });
  const outlives = span('background', 'producer', 6, 12, { host: 'two' });
  t.strictSame(shifts(buildTree([producer, background])), [0, 0]);
  t.strictSame(shifts(buildTree([producer, outlives])), [0, 0]);
});

t.test('times that fit one machine stay, also for spans without a host', async (t) => {
  const client = span('client', '', 0, 20, { kind: 'client', service: 'web', host: 'web', hostKnown: false });
  const under = (startMs: number, endMs: number, hostKnown = false) =>
    buildTree([client, span('server', 'client', startMs, endMs, { kind: 'server', host: 'api', hostKnown })]);
  for (const [start, end] of [
    [10, 21],
    [-1, 19],
    [15, 80],
  ] as const) {
    t.strictSame(said(under(start, end)), [], `${start} to ${end} ms`);
  }
  t.strictSame(said(under(-700, -690)), ['Clocks disagree: api is 705 ms behind web; 1 span moved']);
  t.match(said(under(905, 915)), [/api is 900 ms ahead of web/]);
  const known = { ...client, hostKnown: true };
  const server = span('server', 'client', 10, 21, { kind: 'server', host: 'two' });
  t.strictSame(said(buildTree([known, server])), [], 'hooks that run after the answer are no skew');
  const skewed = span('server', 'client', 10, 28, { kind: 'server', host: 'two' });
  t.match(said(buildTree([known, skewed])), [/^Clocks disagree/]);
});

/** More than the calls that fit on the stack, which are about 11,000. */
const MANY = 20_000;

t.test('a chain is built without recursion', async (t) => {
  const chain: SpanRecord[] = [];
  for (let at = 0; at < MANY; at++) {
    chain.push(span(`s${at}`, at === 0 ? '' : `s${at - 1}`, 0, 10, { host: at % 2 ? 'one' : 'two' }));
  }
  const tree = buildTree(chain.toReversed());
  t.equal(tree.spans.length, MANY);
  t.equal(placed(tree).at(-1)?.depth, MANY - 1);
  t.equal(placed(tree)[0]?.descendants, MANY - 1);
});

t.test('a root with many children and a long cycle are built', async (t) => {
  const wide = [span('root', '', 0, 1)];
  const ring: SpanRecord[] = [];
  for (let at = 0; at < MANY; at++) {
    wide.push(span(`s${at}`, 'root', 0, 1));
    ring.push(span(`s${at}`, `s${(at + 1) % MANY}`, at, at));
  }
  t.equal(placed(buildTree(wide))[0]?.children, MANY);
  t.equal(placed(buildTree(ring)).at(-1)?.depth, MANY - 1);
});

t.test('many different spans of one id, and as many below them of another service, are built', async (t) => {
  const spans: SpanRecord[] = [];
  for (let at = 0; at < MANY; at++) {
    spans.push(span('shared', '', at, at + 1), span(`s${at}`, 'shared', at, at, { service: 'users' }));
  }
  const tree = buildTree(spans);
  t.equal(tree.spans.length, 2 * MANY);
  t.match(placed(tree)[0], { children: MANY, marks: ['duplicate_id'] }, 'below the first of them');
  t.match(said(tree), [/^The trace has .* roots/, /^An id was used/]);
});

const parent = { start: 100, duration: 50 };

t.test("Jaeger's rule for the shift between two hosts", async (t) => {
  const cases = [
    ['fits', { start: 110, duration: 20 }, 0],
    ['fits exactly', { start: 100, duration: 50 }, 0],
    ['too early: centred', { start: 0, duration: 20 }, 115],
    ['too late: centred', { start: 140, duration: 20 }, -25],
    ["longer and earlier: to the parent's start", { start: 90, duration: 60 }, 10],
    ['longer and later: left alone', { start: 120, duration: 60 }, 0],
  ] as const;
  for (const [name, child, expected] of cases) t.equal(skewBetween(parent, child), expected, name);
});

t.test('the host tells the clock, without one the process does', async (t) => {
  t.equal(hostKey({ hostName: 'mac', service: 'a' }), hostKey({ hostName: 'mac', service: 'b' }));
  t.not(hostKey({ service: 'a' }), hostKey({ service: 'b' }));
  t.not(hostKey({ service: 'a', instance: '1' }), hostKey({ service: 'a', instance: '2' }));
  t.not(hostKey({ hostId: 'a', service: 'x' }), hostKey({ service: 'a' }));
});

const id = ids();
const traceId = id('trace', 16);

t.test('a tree is kept until its trace gets more spans', async (t) => {
  const store = await temporaryStore(t);
  const cache = new TraceCache(store);
  t.teardown(() => cache.close());
  t.equal((await cache.tree(traceId)).spans.length, 0);
  await storeSpans(store, [{ traceId, start: at(0) }]);
  const tree = await cache.tree(traceId);
  t.equal(tree.spans.length, 1);
  await storeSpans(store, [{ traceId: id('other', 16), start: at(0) }]);
  t.equal(await cache.tree(traceId), tree, 'the same object: not read again');
  await storeSpans(store, [{ traceId, start: at(1) }]);
  t.equal((await cache.tree(traceId)).spans.length, 2);
});

t.test('a trace beyond all measure is cut and says so', async (t) => {
  const store = await temporaryStore(t);
  const cache = new TraceCache(store, { limit: 10 });
  t.teardown(() => cache.close());
  await storeSpans(
    store,
    Array.from({ length: 12 }, () => ({ traceId, start: at(0) })),
  );
  const tree = await cache.tree(traceId);
  t.equal(tree.spans.length, 10);
  t.match(said(tree).at(-1), /^Of the trace only the first 10 spans are shown/);
});

t.test(
  'a CLIENT and a SERVER span of one id are the two sides of a call, whichever came first (B3)',
  async (t) => {
    const root = span('root', '', 0, 10, { service: 'web' });
    const sides = [
      client('call', 'root', 1, 9, { service: 'web', name: 'ask' }),
      server('call', 'root', 2, 8, { service: 'users', name: 'answer' }),
    ];
    const below = span('below', 'call', 3, 4, { service: 'users' });
    for (const order of [sides, sides.toReversed()]) {
      const tree = buildTree([root, ...order, below]);
      t.strictSame(
        tree.spans.map(({ record }) => record.name),
        ['root', 'ask', 'answer', 'below'],
      );
      t.strictSame(
        placed(tree).map(({ parent }) => parent),
        [-1, 0, 1, 2],
      );
      t.strictSame(said(tree), []);
    }
  },
);
