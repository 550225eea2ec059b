import { resourceFromAttributes } from '@opentelemetry/resources';
import { InMemorySpanExporter, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-base';
import { NodeTracerProvider } from '@opentelemetry/sdk-trace-node';
import t from 'tap';
import { leanEngine } from '../../../src/chosen/lean/engine.ts';
import { sdkEngine } from '../../../src/road/spans/provider.ts';
import type { SpanStep } from '../../../src/road/spans/span-steps.ts';
import { processorOf } from '../../../src/road/spans/span-steps.ts';

for (const [name, engine] of Object.entries({ sdk: sdkEngine, lean: leanEngine }))
  t.test(
    `${name}: each span goes through all steps in their order, whichever members they have`,
    async (t) => {
      const told: string[] = [];
      const stepsBefore: SpanStep[] = [
        { onStart: () => void told.push('start 1') },
        { onEnding: (span) => void span.setAttribute('ending', true) },
        { onEnd: () => void told.push('end 3'), shutdown: async () => void told.push('shutdown 3') },
      ];
      const exporter = new InMemorySpanExporter();
      const provider = engine.createProvider({
        resource: resourceFromAttributes({}),
        spanProcessors: [processorOf([...stepsBefore, new SimpleSpanProcessor(exporter)])],
      });
      provider.getTracer('steps').startSpan('one').end();
      await provider.forceFlush();
      t.match(exporter.getFinishedSpans(), [{ name: 'one', attributes: { ending: true } }]);
      await provider.shutdown();
      t.strictSame(told, ['start 1', 'end 3', 'shutdown 3']);
    },
  );

t.test('a step that throws keeps no other from its work, and no app from its own', async (t) => {
  const broken = () => {
    throw new Error('of a step');
  };
  const exporter = new InMemorySpanExporter();
  const steps: SpanStep[] = [{ onStart: broken }, { onEnding: broken }, { onEnd: broken }];
  const spanProcessors = [processorOf([...steps, new SimpleSpanProcessor(exporter)])];
  const provider = sdkEngine.createProvider({ resource: resourceFromAttributes({}), spanProcessors });
  provider.getTracer('steps').startSpan('one').end();
  t.match(exporter.getFinishedSpans(), [{ name: 'one' }]);
});

t.test("a provider of the host's keeps the SDK's own times", async (t) => {
  const exporter = new InMemorySpanExporter();
  const processors = { spanProcessors: [new SimpleSpanProcessor(exporter)] };
  const ours = sdkEngine.createProvider({ resource: resourceFromAttributes({}), ...processors });
  const host = new NodeTracerProvider(processors);
  ours.getTracer('ours').startSpan('ours').end();
  const began = Math.floor(Date.now() / 1_000);
  host.getTracer('host').startSpan('host').end();
  const [, span] = exporter.getFinishedSpans();
  for (const [seconds] of [span?.startTime ?? [0], span?.endTime ?? [0]])
    t.ok(seconds >= began && seconds <= began + 60, `${seconds}`);
});
