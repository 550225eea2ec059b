import { context, propagation, ROOT_CONTEXT } from '@opentelemetry/api';
import t from 'tap';
import { withSpan } from '../../../src/common/with-span.ts';
import { baggageAttributes } from '../../../src/features/baggage/baggage-attributes.ts';
import { processorOf } from '../../../src/road/spans/span-steps.ts';
import { createTestTelemetry } from '../../../src/service/testing/index.ts';

/** The attributes of a span and its parent, in a context with this baggage or without. */
async function attributesUnder(baggage: Record<string, string> | undefined, keys: string[]) {
  const telemetry = createTestTelemetry({ spanProcessors: [processorOf([baggageAttributes(keys)])] });
  const entries = Object.entries(baggage ?? {}).map(([key, value]) => [key, { value }]);
  const under = propagation.setBaggage(ROOT_CONTEXT, propagation.createBaggage(Object.fromEntries(entries)));
  const makeSpans = () => withSpan('parent', {}, () => withSpan('child', {}, () => {}));
  context.with(baggage ? under : ROOT_CONTEXT, makeSpans);
  const spans = telemetry.spans();
  await telemetry.shutdown();
  return spans.map(({ attributes }) => attributes);
}

t.test('listed baggage is on every span, other baggage on none', async (t) => {
  const baggage = { 'user.id': '42', secret: 'x' };
  t.same(await attributesUnder(baggage, ['user.id', 'tandem.scenario', 'user.id']), [
    { 'user.id': '42' },
    { 'user.id': '42' },
  ]);
  t.same(await attributesUnder(undefined, ['user.id']), [{}, {}]);
});

t.test('long values of baggage are cut', async (t) => {
  const [plain] = await attributesUnder({ k: 'x'.repeat(5000) }, ['k']);
  t.equal(plain?.k, 'x'.repeat(256));
});
