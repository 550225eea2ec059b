import { propagation, ROOT_CONTEXT, trace } from '@opentelemetry/api';
import {
  BasicTracerProvider,
  InMemorySpanExporter,
  SimpleSpanProcessor,
} from '@opentelemetry/sdk-trace-base';
import t from 'tap';
import { baggageAttributes } from '../../src/context/baggage-attributes.ts';

t.test('baggage attributes', async (t) => {
  function spansUnder(entries: Record<string, string>, keys: string[]) {
    const exporter = new InMemorySpanExporter();
    const provider = new BasicTracerProvider({
      spanProcessors: [baggageAttributes(keys), new SimpleSpanProcessor(exporter)],
    });
    const tracer = provider.getTracer('test');
    const baggage = propagation.createBaggage(
      Object.fromEntries(Object.entries(entries).map(([key, value]) => [key, { value }])),
    );
    const context = propagation.setBaggage(ROOT_CONTEXT, baggage);
    const parent = tracer.startSpan('parent', {}, context);
    tracer.startSpan('child', {}, trace.setSpan(context, parent)).end();
    parent.end();
    return exporter.getFinishedSpans();
  }

  t.test('listed baggage is on every span, other baggage on none', async (t) => {
    const spans = spansUnder({ 'user.id': '42', secret: 'x' }, ['user.id', 'tandem.scenario', 'user.id']);
    t.same(
      spans.map((span) => span.attributes),
      [{ 'user.id': '42' }, { 'user.id': '42' }],
    );
  });

  t.test('long values are cut, never within a character', async (t) => {
    const [plain] = spansUnder({ k: 'x'.repeat(5000) }, ['k']);
    t.equal(plain?.attributes.k, 'x'.repeat(256));
    const [pair] = spansUnder({ k: `${'x'.repeat(255)}\u{1F6B2}` }, ['k']);
    t.equal(pair?.attributes.k, 'x'.repeat(255));
  });

  t.test('without baggage nothing is added', async (t) => {
    const exporter = new InMemorySpanExporter();
    const provider = new BasicTracerProvider({
      spanProcessors: [baggageAttributes(['user.id']), new SimpleSpanProcessor(exporter)],
    });
    provider.getTracer('test').startSpan('alone', {}, ROOT_CONTEXT).end();
    t.same(exporter.getFinishedSpans()[0]?.attributes, {});
  });
});
