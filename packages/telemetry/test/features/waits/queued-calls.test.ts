import { createServer } from 'node:http';
import { SpanKind } from '@opentelemetry/api';
import t from 'tap';
import { until } from '../../../../../test/helpers/until.ts';
import { injectedChannels } from '../../../src/guest/injected/trace-libraries.ts';
import { undiciChannels } from '../../../src/guest/node/undici.ts';
import { withSpan } from '../../../src/index.ts';
import { createTestTelemetry } from '../../../src/service/testing/index.ts';
import { ENGINE } from '../../engines.ts';
import { instrumentationParts } from '../../instrumentation-parts.ts';
import { serve } from '../../serve.ts';

// Alone in its process: telemetry is registered for all tests, and modules are loaded with hooks.
const telemetry = createTestTelemetry({ engine: ENGINE, waits: true });
const stops = [undiciChannels()(), injectedChannels()(instrumentationParts())];
t.teardown(async () => {
  for (const stop of stops) stop?.();
  await telemetry.shutdown();
});
const { Pool } = await import('undici-7');

const CALLS = 12;
/** Milliseconds that all calls but the first one wait. */
const FIRST_MS = 300;

t.test('the queue of a call that undici keeps back is its part `waiting`', async (t) => {
  // Next to the first answer, what a busy machine adds to the others is short.
  let answered = 0;
  const server = createServer(
    (_, response) => void setTimeout(() => response.end('ok'), answered++ === 0 ? FIRST_MS : 0),
  );
  const one = new Pool(`http://127.0.0.1:${await serve(t, server)}`, { connections: 1 });
  t.teardown(() => one.destroy());
  const call = async () => (await one.request({ path: '/item', method: 'GET' })).body.text();
  await withSpan('request', {}, () => Promise.all(Array.from({ length: CALLS }, call)));
  const spans = () => telemetry.spans().filter(({ kind }) => kind === SpanKind.CLIENT);
  await until(() => spans().length === CALLS);
  // On a busy machine, a wait may be a stall.
  const waited = spans().filter(
    ({ attributes }) => Number(attributes['tandem.call.waiting_ms'] ?? attributes['tandem.stalled_ms']) > 0,
  );
  t.ok(waited.length >= CALLS - 1, 'all but the first one waited');
});
