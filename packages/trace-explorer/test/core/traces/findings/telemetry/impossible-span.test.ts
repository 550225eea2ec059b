import t from 'tap';
import { buildTree } from '../../../../../src/core/traces/tree/tree.ts';
import { sentences, span } from '../../make-span.ts';

t.test('ids and times that cannot be are said, each with its number', async (t) => {
  t.strictSame(
    sentences([
      span('root', '', 0, 100),
      span('twice', 'root', 1, 2),
      span('twice', 'root', 3, 4, { name: 'another' }),
      span('backwards', 'root', 9, 8),
      span('untimed', 'root', 0, 1, { start: 0n }),
      span('circle', 'circle', 1, 2),
    ]),
    [
      'impossible-id: 1 cycle of spans that are their own ancestors, opened at the earliest',
      'impossible-id: An id was used for different spans: 2 spans, all shown',
      'impossible-span: End before start in 1 span; shown with no duration',
      "impossible-span: No start time in 1 span; shown at the parent's start",
    ],
  );
});

t.test('a span like any other is possible', async (t) => {
  t.strictSame(sentences([span('root', '', 0, 100)]), []);
});

t.test('a start in another unit is said, and does not stretch the trace', async (t) => {
  const seconds = { start: 1_790_000_000n };
  const spans = [span('root', '', 0, 100), span('odd', 'root', 0, 10, seconds)];
  t.strictSame(sentences(spans), ["impossible-span: Start in 1970 in 1 span; shown at the parent's start"]);
  t.strictSame(sentences([span('root', '', 0, 100, seconds)]), ['impossible-span: Start in 1970 in 1 span']);
});

t.test('a time of another century is said, and does not stretch the trace', async (t) => {
  const far = [
    span('begins', 'root', 0, 10, { start: BigInt(Date.UTC(2100, 0, 1)) * 1_000_000n }),
    span('ends', 'root', 5, 5, { endIsFar: true }),
  ];
  t.equal(buildTree([span('root', '', 0, 100), ...far]).duration, 100e6);
  t.match(sentences([span('root', '', 0, 100), ...far]), [
    /^impossible-span: A time more than a year after arrival in 2 spans/,
  ]);
});

t.test('a span that is shown as it was sent, or without a parent, is not said to be elsewhere', async (t) => {
  const year2100 = { start: BigInt(Date.UTC(2100, 0, 1)) * 1_000_000n };
  const far = 'impossible-span: A time more than a year after arrival in 1 span';
  t.strictSame(sentences([span('root', '', 0, 1000, year2100)]), [far]);
  t.strictSame(sentences([span('root', '', 0, 0, { endIsFar: true })]), [`${far}; shown with no duration`]);
  const beside = (more: object) => sentences([span('root', '', 0, 10, more), span('work', 'root', 1, 5)]);
  t.strictSame(beside(year2100), [`${far}; shown at the trace's start`]);
  t.strictSame(beside({ start: 1_790_000_000n }), [
    "impossible-span: Start in 1970 in 1 span; shown at the trace's start",
  ]);
  t.strictSame(beside({ start: 0n }), [
    "impossible-span: No start time in 1 span; shown at the trace's start",
  ]);
  t.strictSame(sentences([span('root', '', 0, 10, { start: 0n })]), [
    'impossible-span: No start time in 1 span',
  ]);
  t.strictSame(sentences([span('root', '', 0, 100), span('odd', 'root', 0, 10, year2100)]), [
    `${far}; shown at the parent's start`,
  ]);
});
