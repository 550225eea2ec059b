import type { Test } from 'tap';
import t from 'tap';
import { until } from '../../../test/helpers/until.ts';
import { buildTestApp as buildUserLookup } from '../../user-lookup/test/build-test-app.ts';
import { delayStatements, faultyUserDirectory, injectFaults } from '../src/faults.ts';
import { createUserLookupClient } from '../src/user-lookup/client.ts';
import { buildTestApp } from './build-test-app.ts';
import { traceTests } from './trace-tests.ts';

// Alone in its process: telemetry is registered for all tests.
const telemetry = traceTests();

/** Both services over real sockets; answers a request for the home feed and the spans that it made. */
async function pair(t: Test, isInjecting = true) {
  const faults = isInjecting ? { injectFaults } : {};
  const database = isInjecting ? { onCreateConnection: delayStatements } : {};
  const lookup = await buildUserLookup(faults, undefined, database);
  const userLookup = { origin: await lookup.listen({ port: 0, host: '127.0.0.1' }) };
  const client = createUserLookupClient(userLookup);
  const users = isInjecting ? faultyUserDirectory(client, userLookup) : client;
  const app = await buildTestApp({ users, ...faults }, undefined, database);
  const origin = await app.listen({ port: 0, host: '127.0.0.1' });
  t.teardown(async () => {
    await app.close();
    await lookup.close();
  });
  async function home(headers: Record<string, string>) {
    const response = await fetch(`${origin}/api/activities/home`, { headers });
    const body = (await response.json()) as Answer;
    await telemetry.flush();
    return { status: response.status, body, spans: telemetry.spans() };
  }
  // A look-up has a second: the first one may take longer on a busy machine.
  await until(async () => !(await home({})).body.degraded);
  telemetry.reset();
  return Object.assign(home, { origin });
}

interface Answer {
  readonly degraded: boolean;
  readonly errors: unknown;
}

type Spans = ReturnType<typeof telemetry.spans>;

const faultOf = (spans: Spans) =>
  spans
    .filter(({ attributes }) => attributes['tandem.fault'] !== undefined)
    .map(({ name, kind, attributes }) => `${kind} ${name} ${attributes['tandem.fault']}`)
    .sort();

const SERVER = 1;
const CLIENT = 2;
const INTERNAL = 0;

t.test('a slow user-lookup: its server span says so and takes that long', async (t) => {
  const home = await pair(t);
  const { body, spans } = await home({ baggage: 'tandem.fault=user-lookup:delay=120' });
  t.equal(body.degraded, false);
  t.same(faultOf(spans), [`${SERVER} GET /api/users user-lookup:delay=120`]);
  const slow = spans.find(({ name, kind }) => kind === SERVER && name === 'GET /api/users');
  const [seconds, nanos] = slow?.duration ?? [0, 0];
  t.ok(seconds * 1000 + nanos / 1e6 >= 119);
});

t.test('the header asks for the same fault, and baggage carries the fault to user-lookup', async (t) => {
  const home = await pair(t);
  const { status, body, spans } = await home({ 'tandem.fault': 'user-lookup:error=503' });
  t.equal(status, 200);
  t.equal(body.degraded, true);
  t.same(faultOf(spans), [`${SERVER} GET /api/users user-lookup:error=503`]);
  const failed = spans.find(({ name, kind }) => kind === SERVER && name === 'GET /api/users');
  t.equal(failed?.attributes['http.response.status_code'], 503);
});

t.test('an aborted connection: the answer is degraded, and both sides of the call are errors', async (t) => {
  const home = await pair(t);
  const { body, spans } = await home({ baggage: 'user.id=ada,tandem.fault=user-lookup:abort' });
  t.equal(body.degraded, true);
  t.same(faultOf(spans), [`${SERVER} GET /api/users user-lookup:abort`]);
  const call = spans.find(({ name, kind }) => kind === CLIENT && name === 'GET /api/users');
  t.equal(call?.status.code, 2);
});

t.test('faults that requests ask for do not open the circuit', async (t) => {
  const home = await pair(t);
  for (const fault of ['user-lookup:error=503', 'user-lookup:abort', 'user-lookup:delay=1100']) {
    const asked = Array.from({ length: 6 }, () => home({ 'tandem.fault': fault }));
    for (const { body } of await Promise.all(asked)) t.equal(body.degraded, true);
    t.equal((await home({})).body.degraded, false, `after ${fault}`);
  }
});

t.test('a slow database: the statement waits, in both services', async (t) => {
  const home = await pair(t);
  const { spans } = await home({ 'tandem.fault': 'database:delay=60' });
  t.same(faultOf(spans), [
    `${CLIENT} SELECT activities database:delay=60`,
    `${CLIENT} SELECT users database:delay=60`,
  ]);
});

t.test('a process that stands still: the call lasts as long, and user-lookup does not', async (t) => {
  const home = await pair(t);
  const { body, spans } = await home({ 'tandem.fault': 'activities-api:stall=150' });
  t.equal(body.degraded, false);
  t.same(faultOf(spans), [`${INTERNAL} home-activities-data activities-api:stall=150`]);
  const call = spans.find(({ name, kind }) => kind === CLIENT && name === 'GET /api/users');
  t.ok((call?.duration[1] ?? 0) / 1e6 >= 140);
});

t.test('N+1: a call for every author instead of one for all', async (t) => {
  const home = await pair(t);
  const calls = (spans: Spans) =>
    spans.filter(({ name, kind }) => kind === CLIENT && name === 'GET /api/users');
  t.equal(calls((await home({})).spans).length, 1);
  telemetry.reset();
  const { body, spans } = await home({ 'tandem.fault': 'activities-api:n-plus-one' });
  t.equal(body.degraded, false);
  t.ok(calls(spans).length > 5);
  t.same(faultOf(spans), [`${INTERNAL} home-activities-data activities-api:n-plus-one`]);
});

t.test('a dropped context: the call to user-lookup is a trace of its own', async (t) => {
  const home = await pair(t);
  const { body, spans } = await home({ 'tandem.fault': 'activities-api:drop-context' });
  t.equal(body.degraded, false);
  t.same(faultOf(spans), [`${INTERNAL} home-activities-data activities-api:drop-context`]);
  const traceOf = (wanted: string) => spans.find(({ name }) => name === wanted)?.spanContext().traceId;
  t.ok(traceOf('GET /api/users'));
  t.not(traceOf('GET /api/users'), traceOf('home-activities-data'));
});

t.test('a malformed fault is refused with the name of the header and all forms', async (t) => {
  const home = await pair(t);
  const { status, body } = await home({ 'tandem.fault': 'user-lookup:explode' });
  t.equal(status, 400);
  t.match(body.errors, [{ in: 'header', field: 'tandem.fault', detail: /user-lookup:delay=.*n-plus-one/ }]);
  const inBaggage = await home({ baggage: 'tandem.fault=user-lookup:delay=soon' });
  t.equal(inBaggage.status, 400);
  t.match(inBaggage.body.errors, [{ in: 'header', field: 'baggage/tandem.fault' }]);
});

t.test('without FAULT_INJECTION nothing happens, whatever the header says', async (t) => {
  const home = await pair(t, false);
  for (const fault of ['user-lookup:error=503', 'user-lookup:abort', 'nonsense']) {
    const { status, body, spans } = await home({ 'tandem.fault': fault, baggage: `tandem.fault=${fault}` });
    t.equal(status, 200);
    t.equal(body.degraded, false);
    t.same(faultOf(spans), []);
  }
});

t.test('reading which routes and faults there are makes no span of a request', async (t) => {
  const home = await pair(t);
  const response = await fetch(`${home.origin}/documentation/json`);
  t.equal(response.status, 200);
  await response.arrayBuffer();
  await telemetry.flush();
  t.same(
    telemetry.spans().filter(({ kind }) => kind === SERVER),
    [],
  );
});
