import { AssertionError } from 'node:assert';
import { SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import t from 'tap';
import { withSpan } from '../../src/index.ts';
import { assertTrace, createTestTelemetry, printTree } from '../../src/testing/index.ts';

const telemetry = createTestTelemetry({ serviceName: 'shop' });
t.teardown(() => telemetry.shutdown());
t.beforeEach(() => telemetry.reset());

/** An order that was paid for, and another trace of one failed span. */
function makeSpans() {
  withSpan('order', { 'order.id': 'o-1', 'order.items': 2 }, () => {
    withSpan('price', { currency: 'EUR' }, () => {});
    trace.getTracer('test').startSpan('PAY /bills', { kind: SpanKind.CLIENT }).end();
  });
  const failed = trace.getTracer('test').startSpan('clean up');
  failed.setStatus({ code: SpanStatusCode.ERROR });
  failed.end();
  return telemetry.spans();
}

/** What the assertion says when it fails. */
function complaintOf(tree: Parameters<typeof assertTrace>[1]): string {
  try {
    assertTrace(telemetry.spans(), tree);
  } catch (error) {
    if (error instanceof AssertionError) return error.message;
    throw error;
  }
  return 'no complaint';
}

t.test('a tree as text: what printTree prints, or less of each line', async (t) => {
  const spans = makeSpans();
  t.doesNotThrow(() => assertTrace(spans, printTree(spans)));
  t.doesNotThrow(() =>
    assertTrace(
      spans,
      `
      order
        shop  price  INTERNAL
        PAY /bills  CLIENT
      clean up  ERROR
      `,
    ),
  );
});

t.test('a tree as objects: what is left out may be anything, children are all of them', async (t) => {
  const spans = makeSpans();
  const order = {
    name: 'order',
    service: 'shop',
    attributes: { 'order.id': /^o-\d+$/, 'order.items': 2 },
    children: [{ name: 'price' }, { name: 'PAY /bills', kind: 'CLIENT', status: 'UNSET' }],
  } as const;
  t.doesNotThrow(() => assertTrace(spans, [order, { name: 'clean up', status: 'ERROR' }]));
  t.doesNotThrow(() => assertTrace(spans.slice(0, 3), order), 'a single root needs no list');
});

t.test('a mismatch is shown as a diff of the two trees', async (t) => {
  makeSpans();
  t.match(
    complaintOf('order\n  price\n    discount\n  PAY /bills  SERVER\nclean up  ERROR'),
    [
      '  order',
      '    price',
      '+   PAY /bills  CLIENT',
      '-     discount',
      '-   PAY /bills  SERVER',
      '  clean up  ERROR',
    ].join('\n'),
  );
  t.match(complaintOf('order\n  price\nclean up  ERROR'), '+   shop  PAY /bills  CLIENT', 'one too many');
  t.match(
    complaintOf('order\n  price\n  PAY /bills\nclean up'),
    '+ clean up  ERROR',
    'an error that should be none',
  );
  t.match(complaintOf([]), '+ shop  order  INTERNAL');
  t.match(
    complaintOf('order\n  PAY /bills\n  price\nclean up  ERROR'),
    '-   price',
    'siblings in another order',
  );
});

t.test('attributes that differ are shown on both sides', async (t) => {
  makeSpans();
  const children = [{ name: 'price' }, { name: 'PAY /bills' }];
  const rest = { name: 'clean up' };
  const wrong = { name: 'order', attributes: { 'order.items': '2', 'order.id': /^x/, missing: 1 }, children };
  const complaint = complaintOf([wrong, rest]);
  t.match(complaint, '+ order  order.items=2  order.id="o-1"  missing=undefined');
  t.match(complaint, '- order  order.items="2"  order.id=/^x/  missing=1');
});

t.test('no spans, no trees', async (t) => {
  t.doesNotThrow(() => assertTrace([], []));
  t.doesNotThrow(() => assertTrace([], '\n  \n'));
  t.match(complaintOf('order'), '- order');
});

t.test('a text that is no tree is refused, with the line', async (t) => {
  t.throws(() => assertTrace([], 'order\n    price'), { message: /two spaces deeper.*" {4}price"/ });
  t.throws(() => assertTrace([], 'order\n   price'), { message: /two spaces deeper/ });
  t.throws(() => assertTrace([], 'a  b  c  d'), { message: /is no span .*"a {2}b {2}c {2}d"/ });
});

t.test('a tree of 3,000 levels is no trouble', async (t) => {
  const deep = Array.from({ length: 3000 }, (_, level) => `${'  '.repeat(level)}level`).join('\n');
  t.throws(() => assertTrace([], deep), { name: 'AssertionError' });
});
