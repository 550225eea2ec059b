import type { ServerResponse } from 'node:http';
import { createTestTelemetry } from '@tandem/telemetry/testing';
import t from 'tap';
import { createUserLookupClient } from '../../src/user-lookup/client.ts';
import { buildTestApp } from '../build-test-app.ts';
import { knowAll, startStandIn } from '../stand-in.ts';
import { lookUp } from './look-up.ts';

const fail = (_request: unknown, response: ServerResponse) => void response.writeHead(500).end();

// Alone in its process: all circuits of a process share the metrics.
t.test('the state of the circuit is on the calling span and on /metrics', async (t) => {
  const telemetry = createTestTelemetry();
  t.teardown(() => telemetry.shutdown());
  const lookup = await startStandIn(t, knowAll);
  const users = createUserLookupClient({ origin: lookup.origin });
  const app = await buildTestApp({ users });
  t.teardown(() => app.close());
  const stateOfSpan = async () => {
    telemetry.reset();
    await app.inject('/api/activities/home');
    await telemetry.flush();
    const span = telemetry.spans().find(({ name }) => name === 'home-activities-data');
    return span?.attributes['app.user_lookup.circuit_state'];
  };
  const metrics = async () => (await app.inject('/metrics')).body;

  t.equal(await stateOfSpan(), 'closed');
  t.match(await metrics(), '# TYPE tandem_circuit_breaker_state gauge');
  t.match(await metrics(), 'tandem_circuit_breaker_state{state="closed"} 1\n');

  lookup.answer = fail;
  for (let count = 0; count < 5; count++) await lookUp(users, 10_000);
  t.equal(await stateOfSpan(), 'open');
  const open = await metrics();
  t.match(open, 'tandem_circuit_breaker_state{state="closed"} 0\n');
  t.match(open, 'tandem_circuit_breaker_state{state="open"} 1\n');
  t.match(open, /tandem_circuit_breaker_rejected_calls_total [1-9]/);
});
