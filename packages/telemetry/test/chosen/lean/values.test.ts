import type { Attributes, AttributeValue } from '@opentelemetry/api';
import { diag } from '@opentelemetry/api';
import t from 'tap';
import { recorders } from './oracle.ts';

/** OpenTelemetry's diagnostics while the test runs. */
function diagnostics(t: { teardown(undo: () => void): unknown }): string[] {
  const said: string[] = [];
  const say = (message: string) => said.push(message);
  diag.setLogger(
    { warn: say, error: say, info() {}, debug() {}, verbose() {} },
    { suppressOverrideMessage: true },
  );
  t.teardown(() => diag.disable());
  return said;
}

t.test('attributes that a processor changes or removes are exported like that', async (t) => {
  const { tracer, spans } = recorders({ OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT: '3' }).lean;
  const span = tracer.startSpan('span', { attributes: { a: 1 } });
  span.setAttribute('b', 2).setAttribute('a', 3);
  const { attributes } = span as typeof span & { attributes: Attributes };
  t.strictSame(attributes, { a: 3, b: 2 });
  delete attributes.a;
  span.setAttributes({ c: 4, d: 5, e: 6 }).end();
  t.strictSame(spans()[0]?.attributes, { b: 2, c: 4, d: 5 });
  t.equal(spans()[0]?.droppedAttributesCount, 1);
});

t.test('maps, nested and mixed lists and bytes are values, copied and cut to the limit', async (t) => {
  const { tracer, spans } = recorders({ OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT: '4' }).lean;
  const order = {
    id: 7,
    lines: [{ sku: 'abcdef', count: 1 }, 'two', null],
    gap: undefined,
    raw: Buffer.from('abcdef'),
  };
  const span = tracer.startSpan('span', { attributes: { first: order as unknown as AttributeValue } });
  span.setAttribute('second', order as unknown as AttributeValue);
  span.addEvent('event', { third: ['mixed', 1] as unknown as AttributeValue });
  order.lines.length = 0;
  span.end();
  const kept = {
    id: 7,
    lines: [{ sku: 'abcd', count: 1 }, 'two', null],
    raw: new Uint8Array(Buffer.from('abcd')),
  };
  t.strictSame(spans()[0]?.attributes, { first: kept, second: kept });
  t.strictSame(spans()[0]?.events[0]?.attributes, { third: ['mixe', 1] });
});

t.test('a value that is illegal, contains itself or has more than 16 levels is left out', async (t) => {
  const said = diagnostics(t);
  const { tracer, spans } = recorders().lean;
  const circle: unknown[] = [];
  circle.push({ circle });
  const nested = (levels: number): unknown => (levels === 0 ? 'x' : { in: nested(levels - 1) });
  const values = {
    circle,
    date: new Date(),
    call: [() => {}],
    big: { n: 1n },
    at: nested(16),
    below: nested(17),
  };
  tracer.startSpan('span', { attributes: values as unknown as Attributes }).end();
  t.strictSame(Object.keys(spans()[0]?.attributes ?? {}), ['at']);
  t.strictSame(
    said,
    ['circle', 'date', 'call', 'big', 'below'].map((key) => `Invalid attribute value set for key: ${key}`),
  );
});

t.test('an end before the start is a duration of 0, with a diagnostic', async (t) => {
  const said = diagnostics(t);
  const { tracer, spans } = recorders().lean;
  tracer.startSpan('back', { startTime: [1_700_000_001, 0] }).end([1_700_000_000, 0]);
  t.strictSame(spans()[0]?.endTime, [1_700_000_001, 0]);
  t.strictSame(spans()[0]?.duration, [0, 0]);
  t.match(said, [/^back would end before it starts/]);
});

t.test('calls after the end change nothing, and have a diagnostic', async (t) => {
  const said = diagnostics(t);
  const { tracer, spans } = recorders().lean;
  const span = tracer.startSpan('once');
  span.end();
  span.end();
  span.setAttribute('late', true);
  t.equal(spans().length, 1);
  t.strictSame(spans()[0]?.attributes, {});
  t.match(said, [/once .* only call end\(\) on a span once/, /operation on a span that has ended: once/]);
});
