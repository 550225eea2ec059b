import type { ServerResponse } from 'node:http';
import { createTestTelemetry } from '@tandem/telemetry/testing';
import t from 'tap';
import { instrumentHttpClient } from '../../../../packages/telemetry/src/http/undici-client.ts';
import { freePort } from '../../../../test/helpers/processes.ts';
import { until } from '../../../../test/helpers/until.ts';
import type { UserDirectory } from '../../src/user-directory.ts';
import { PROBE_INTERVAL_MS } from '../../src/user-lookup/circuit-breaker.ts';
import { createUserLookupClient, PROBE_TIMEOUT_MS } from '../../src/user-lookup-client.ts';
import { startBlackHole } from '../black-hole.ts';
import { buildTestApp } from '../build-test-app.ts';
import { beSilent, drip, knowAll, startStandIn } from '../stand-in.ts';
import { lookUp as lookUpWithin } from './look-up.ts';

/** Milliseconds after which a look-up without an answer fails: long enough to count, short enough to be waited for. */
const FAILS_AFTER_MS = 600;
/** Milliseconds for a look-up that has an answer, also on a busy machine. */
const ANSWERED_WITHIN_MS = 10_000;

const lookUp = (users: UserDirectory) => lookUpWithin(users, ANSWERED_WITHIN_MS);

const lookUpOften = (users: UserDirectory, times: number) =>
  Promise.all(Array.from({ length: times }, () => lookUpWithin(users, FAILS_AFTER_MS)));

/** Fails fast, with a status that user-lookup does not have of itself. */
const fail = (_request: unknown, response: ServerResponse) => void response.writeHead(500).end();

const MISBEHAVIOURS = [
  ['silent', beSilent, 'timeout'],
  ['dripping', drip, 'invalid_response'],
  ['failing', fail, 'http_500'],
] as const;

for (const [what, misbehave, reason] of MISBEHAVIOURS) {
  t.test(
    `${what}: after few failures nobody waits and user-lookup is left in peace, until it is back`,
    async (t) => {
      const lookup = await startStandIn(t, knowAll);
      const clock = manualClock();
      const users = createUserLookupClient(lookup.origin, { schedule: clock.schedule });
      t.teardown(() => users.close());
      t.equal(await lookUp(users), 'ok');

      lookup.answer = misbehave;
      t.same(new Set(await lookUpOften(users, 5)), new Set([reason]));
      const asked = lookup.requests;
      t.same(new Set(await lookUpOften(users, 20)), new Set(['circuit_open']));
      t.equal(lookup.requests, asked, 'not asked while the circuit is open');

      await clock.run();
      t.equal(lookup.requests, asked + 1, 'one probe');
      t.equal(await lookUp(users), 'circuit_open', 'a probe that fails changes nothing');

      lookup.answer = knowAll;
      t.equal(await lookUp(users), 'circuit_open', 'no request is the probe');
      await clock.run();
      t.equal(await lookUp(users), 'ok');
      t.equal(clock.waiting, 0, 'no probes while the circuit is closed');
    },
  );
}

t.test('user-lookup is found at most two seconds after it came back', async (t) => {
  const lookup = await startStandIn(t, fail);
  const clock = manualClock();
  const users = createUserLookupClient(lookup.origin, { schedule: clock.schedule });
  t.teardown(() => users.close());
  await lookUpOften(users, 5);
  t.same(clock.pauses, [PROBE_INTERVAL_MS], 'the pause before the first probe');
  await clock.run();
  await clock.run();
  t.same(clock.pauses, Array(3).fill(PROBE_INTERVAL_MS), 'and before those after it');
  t.ok(PROBE_INTERVAL_MS + PROBE_TIMEOUT_MS <= 2000);
});

t.test('a system clock that steps back keeps nothing open', async (t) => {
  const lookup = await startStandIn(t, fail);
  const clock = manualClock();
  const users = createUserLookupClient(lookup.origin, { schedule: clock.schedule });
  t.teardown(() => users.close());
  await lookUpOften(users, 5);
  t.equal(await lookUp(users), 'circuit_open');
  lookup.answer = knowAll;
  const now = Date.now();
  t.intercept(Date, 'now', { value: () => now - 3_600_000 });
  await clock.run();
  t.equal(await lookUp(users), 'ok');
});

t.test('black-holed: no connection comes about; back again, it is found by itself', async (t) => {
  const lookup = await startBlackHole(t);
  const users = createUserLookupClient(lookup.origin);
  t.teardown(() => users.close());
  t.equal(await lookUp(users), 'ok');
  await lookup.disappear();
  await lookUpOften(users, 5);
  t.equal(await lookUp(users), 'circuit_open');
  lookup.comeBack();
  await until(async () => (await lookUp(users)) === 'ok', { what: 'the closed circuit', everyMs: 50 });
});

t.test('nobody listens; started again on its port, it is found by itself', async (t) => {
  const port = await freePort();
  const users = createUserLookupClient(`http://127.0.0.1:${port}`);
  t.teardown(() => users.close());
  await lookUpOften(users, 5);
  t.equal(await lookUp(users), 'circuit_open');
  await startStandIn(t, knowAll, port);
  await until(async () => (await lookUp(users)) === 'ok', { what: 'the closed circuit', everyMs: 50 });
});

t.test('failures that are not user-lookup’s open nothing', async (t) => {
  const lookup = await startStandIn(t, beSilent);
  const users = createUserLookupClient(lookup.origin);
  t.teardown(() => users.close());
  for (let count = 0; count < 10; count++)
    await t.rejects(users.find(['bayko'], performance.now() + 20), {
      name: 'LookupError',
      reason: 'timeout',
    });
  lookup.answer = (_request, response) => void response.writeHead(400).end('{}');
  t.same(new Set(await lookUpOften(users, 10)), new Set(['http_400']));
  lookup.answer = knowAll;
  t.equal(await lookUp(users), 'ok');
});

t.test('a few failures among many answers are no reason to stop asking', async (t) => {
  const lookup = await startStandIn(t, knowAll);
  const users = createUserLookupClient(lookup.origin);
  t.teardown(() => users.close());
  for (let count = 0; count < 30; count++) {
    lookup.answer = count % 3 === 0 ? fail : knowAll;
    t.equal(await lookUp(users), count % 3 === 0 ? 'http_500' : 'ok');
  }
});

t.test('while the circuit is open pages are degraded, and nobody can post', async (t) => {
  const lookup = await startStandIn(t, fail);
  const users = createUserLookupClient(lookup.origin, { schedule: manualClock().schedule });
  const app = await buildTestApp({ users });
  t.teardown(() => app.close());
  for (let count = 0; count < 10; count++) {
    const home = await app.inject('/api/activities/home');
    t.equal(home.statusCode, 200);
    t.equal(home.json().degraded, true);
  }
  t.equal(lookup.requests, 5);
  const payload = { handle: 'vir', message: 'x', ttl: '1-hour' };
  const posted = await app.inject({ method: 'POST', url: '/api/activities', payload });
  t.equal(posted.statusCode, 503);
  t.match(posted.json(), { code: 'USER_LOOKUP_UNAVAILABLE', detail: /circuit_open/ });
});

t.test('its state is on the span of what asks, and on /metrics', async (t) => {
  const telemetry = createTestTelemetry();
  t.teardown(() => telemetry.shutdown());
  const lookup = await startStandIn(t, knowAll);
  const clock = manualClock();
  const users = createUserLookupClient(lookup.origin, { schedule: clock.schedule });
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
  t.match(await metrics(), 'tandem_circuit_breaker_state{name="user-lookup",state="closed"} 1\n');
  t.match(await metrics(), 'tandem_circuit_breaker_opened_total{name="user-lookup"} 0\n');

  lookup.answer = fail;
  for (let count = 0; count < 5; count++) await lookUp(users);
  t.equal(await stateOfSpan(), 'open');
  lookup.answer = beSilent;
  const probe = clock.run();
  t.equal(await stateOfSpan(), 'half_open', 'while the probe is under way');
  const during = await metrics();
  t.match(during, 'tandem_circuit_breaker_state{name="user-lookup",state="closed"} 0\n');
  t.match(during, 'tandem_circuit_breaker_state{name="user-lookup",state="half_open"} 1\n');
  await probe;
  const after = await metrics();
  t.match(after, 'tandem_circuit_breaker_state{name="user-lookup",state="open"} 1\n');
  t.match(after, 'tandem_circuit_breaker_opened_total{name="user-lookup"} 1\n');
  t.match(after, /tandem_circuit_breaker_rejected_calls_total\{name="user-lookup"\} [2-9]\n/);
});

t.test('probes are no traces: they make no spans, and are sent on as not sampled', async (t) => {
  const telemetry = createTestTelemetry();
  const http = instrumentHttpClient();
  t.teardown(() => {
    http.disable();
    return telemetry.shutdown();
  });
  const sent: unknown[] = [];
  const lookup = await startStandIn(t, (request, response) => {
    sent.push(request.headers.traceparent);
    response.writeHead(500).end();
  });
  const clock = manualClock();
  const users = createUserLookupClient(lookup.origin, { schedule: clock.schedule });
  t.teardown(() => users.close());
  for (let count = 0; count < 5; count++) await lookUp(users);
  telemetry.reset();
  await clock.run();
  await telemetry.flush();
  t.match(sent.at(-1), /-00$/);
  t.same(telemetry.spans(), []);
});

/** A clock that a test moves on by hand. */
function manualClock() {
  const due = new Set<() => unknown>();
  const pauses: number[] = [];
  return {
    /** Milliseconds that each work was to wait. */
    pauses,
    schedule(work: () => unknown, milliseconds: number) {
      pauses.push(milliseconds);
      due.add(work);
      return () => void due.delete(work);
    },
    /** Does what is due, and waits until it is done. */
    async run() {
      const works = [...due];
      due.clear();
      for (const work of works) await work();
    },
    get waiting() {
      return due.size;
    },
  };
}
