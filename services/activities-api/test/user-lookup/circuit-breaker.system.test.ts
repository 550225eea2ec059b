import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Test } from 'tap';
import t from 'tap';
import { freePort } from '../../../../test/helpers/processes.ts';
import { until } from '../../../../test/helpers/until.ts';
import type { UserDirectory } from '../../src/user-lookup/call.ts';
import { createUserLookupClient } from '../../src/user-lookup/client.ts';
import { startBlackHole } from '../black-hole.ts';
import { buildTestApp } from '../build-test-app.ts';
import { beSilent, drip, knowAll, startStandIn } from '../stand-in.ts';
import { lookUp as lookUpWithin, within } from './look-up.ts';

// The first tests mostly wait, each for a server of its own.
t.jobs = 4;

/** Milliseconds after which a look-up without an answer fails: long enough to count, short enough to be waited for. */
const FAILS_AFTER_MS = 600;
/** Callers' times that are too short for a failed look-up to count. */
const LITTLE_MS = 200;
const ALMOST_MS = 499;
/** The circuit is open for two seconds; then a look-up may try. */
const LONGER_THAN_OPEN_MS = 2500;
/** A caller's time for a look-up that is answered, on a busy machine too. */
const ANSWERED_MS = 10_000;

const lookUp = (users: UserDirectory) => lookUpWithin(users, ANSWERED_MS);

const lookUpOften = (users: UserDirectory, times: number, limitMs = ANSWERED_MS) =>
  Promise.all(Array.from({ length: times }, () => lookUpWithin(users, limitMs)));

/** A look-up has a second. On a busy machine an answer may come later, and the look-up is a timeout. */
const untilAnswered = (users: UserDirectory) =>
  until(async () => (await lookUp(users)) === 'ok', { what: 'a look-up that is answered', everyMs: 50 });

/** user-lookup as it should be, and a client that it has answered. */
async function startAnswering(t: Test) {
  const lookup = await startStandIn(t, knowAll);
  const users = createUserLookupClient({ origin: lookup.origin });
  t.teardown(() => users.close());
  await untilAnswered(users);
  return { lookup, users };
}

/** Fails fast, with a status that user-lookup never answers. */
const fail = (_request: unknown, response: ServerResponse) => void response.writeHead(500).end();

const MISBEHAVIOURS = [
  ['silent', beSilent, 'timeout', FAILS_AFTER_MS],
  // The answer has begun by then.
  ['dripping', drip, 'timeout', 5 * FAILS_AFTER_MS],
  ['failing', fail, 'http_500', ANSWERED_MS],
] as const;

for (const [what, misbehave, reason, limitMs] of MISBEHAVIOURS) {
  t.test(
    `${what}: after a few failures look-ups fail at once without a request, until user-lookup is back`,
    { buffered: true },
    async (t) => {
      const { lookup, users } = await startAnswering(t);

      lookup.answer = misbehave;
      const before = lookup.requests;
      const failed = await lookUpOften(users, 5, limitMs);
      t.same(new Set([...failed, reason, 'timeout']), new Set([reason, 'timeout']));
      t.same(new Set(await lookUpOften(users, 20)), new Set(['circuit_open']));
      t.equal(await lookUpWithin(users, LITTLE_MS), 'circuit_open', 'for callers in a hurry too');
      // On a busy machine a request may arrive after its look-up has ended.
      t.ok(lookup.requests <= before + 5, 'not asked while the circuit is open');

      lookup.answer = knowAll;
      t.equal(await lookUp(users), 'circuit_open', 'it is not tried at once');
      await untilAnswered(users);
    },
  );
}

t.test(
  'while one look-up tries whether user-lookup is back, the others fail at once',
  { buffered: true },
  async (t) => {
    const { lookup, users } = await startAnswering(t);
    lookup.answer = fail;
    await lookUpOften(users, 5);
    lookup.answer = beSilent;
    const outcomes = await until(async () => {
      const three = await lookUpOften(users, 3, FAILS_AFTER_MS);
      return three.includes('timeout') && three;
    });
    t.same(outcomes.sort(), ['circuit_open', 'circuit_open', 'timeout']);
  },
);

t.test(
  'a caller that leaves while its look-up tries whether user-lookup is back uses up no try: the next one tries at once',
  { buffered: true },
  async (t) => {
    const { lookup, users } = await startAnswering(t);
    lookup.answer = fail;
    await lookUpOften(users, 5);
    await until(async () => {
      const leaving = new AbortController();
      lookup.answer = () => leaving.abort(new Error('the caller is gone'));
      const looking = users.find(['bayko'], within(ANSWERED_MS, leaving.signal));
      return (await looking.then(String, ({ message }: Error) => message)) === 'the caller is gone';
    });
    lookup.answer = fail;
    const next = await lookUp(users);
    t.ok(next === 'http_500' || next === 'timeout', `the next one was sent: ${next}`);
    t.equal(await lookUp(users), 'circuit_open', 'its failure counts');
    lookup.answer = knowAll;
    await untilAnswered(users);
  },
);

t.test(
  'callers in a hurry never try whether user-lookup is back: the first caller with time does',
  { buffered: true },
  async (t) => {
    const { lookup, users } = await startAnswering(t);
    lookup.answer = fail;
    await lookUpOften(users, 5);
    lookup.answer = knowAll;
    const asked = lookup.requests;
    const outcomes = new Set<string>();
    const end = performance.now() + LONGER_THAN_OPEN_MS;
    await until(async () => {
      for (const limitMs of [1, 51, LITTLE_MS, ALMOST_MS]) outcomes.add(await lookUpWithin(users, limitMs));
      return performance.now() > end;
    });
    t.same([...outcomes], ['circuit_open']);
    t.equal(lookup.requests, asked, 'nothing was sent');
    await untilAnswered(users);
  },
);

t.test(
  'black-holed: no connection comes about; back again, it is found by itself',
  { buffered: true },
  async (t) => {
    const lookup = await startBlackHole(t);
    const users = createUserLookupClient({ origin: lookup.origin });
    t.teardown(() => users.close());
    await untilAnswered(users);
    await lookup.disappear();
    await lookUpOften(users, 5, FAILS_AFTER_MS);
    t.equal(await lookUp(users), 'circuit_open');
    lookup.comeBack();
    await untilAnswered(users);
  },
);

t.test(
  'a user-lookup that was away is called again when it listens on its port',
  { buffered: true },
  async (t) => {
    const port = await freePort();
    const users = createUserLookupClient({ origin: `http://127.0.0.1:${port}` });
    t.teardown(() => users.close());
    await lookUpOften(users, 5);
    t.equal(await lookUp(users), 'circuit_open');
    await startStandIn(t, knowAll, port);
    await untilAnswered(users);
  },
);

t.test('failures that user-lookup did not cause do not open the circuit', { buffered: true }, async (t) => {
  const { lookup, users } = await startAnswering(t);
  lookup.answer = beSilent;
  for (let count = 0; count < 10; count++)
    await t.rejects(users.find(['bayko'], within(100)), { name: 'LookupError', reason: 'timeout' });
  lookup.answer = (_request, response) => void response.writeHead(400).end('{}');
  // A late answer to a caller in a hurry does not count either.
  t.notOk((await lookUpOften(users, 10, ALMOST_MS)).includes('circuit_open'));
  lookup.answer = knowAll;
  t.not(await lookUp(users), 'circuit_open');
});

const REFUSALS = [
  ['has no answer', beSilent],
  [
    'gets 504',
    (_request: IncomingMessage, response: ServerResponse) => void response.writeHead(504).end('{}'),
  ],
] as const;

for (const [what, refuse] of REFUSALS)
  t.test(`a caller with little time that ${what} does not open the circuit for others`, async (t) => {
    const lookup = await startStandIn(t, knowAll);
    const users = createUserLookupClient({ origin: lookup.origin });
    const app = await buildTestApp({ users });
    t.teardown(() => app.close());
    await untilAnswered(users);
    lookup.answer = (request, response) => {
      const isPatient = request.headers['x-request-timeout-ms'] === '1000';
      (isPatient ? knowAll : refuse)(request, response);
    };
    const home = (headers = {}) => app.inject({ url: '/api/activities/home', headers });
    const hurried = () => home({ 'x-request-timeout-ms': String(LITTLE_MS) });
    for (let round = 0; round < 3; round++) {
      const answers = await Promise.all(Array.from({ length: 4 }, hurried));
      // On a busy machine, a hurried request may end in 504 before its page is made.
      const pages = answers.map((answer) => answer.json());
      t.notOk(pages.some(({ degraded }) => degraded === false));
      t.not(await lookUp(users), 'circuit_open', 'others are asked for');
    }
    await until(async () => !(await home()).json().degraded, { what: 'a page with names' });
  });

t.test('a few failures among many answers do not open the circuit', async (t) => {
  const lookup = await startStandIn(t, knowAll);
  const users = createUserLookupClient({ origin: lookup.origin });
  t.teardown(() => users.close());
  for (let count = 0; count < 30; count++) {
    lookup.answer = count % 3 === 0 ? fail : knowAll;
    t.not(await lookUp(users), 'circuit_open');
  }
});

t.test('while the circuit is open pages are degraded, and nobody can post', async (t) => {
  const lookup = await startStandIn(t, fail);
  const users = createUserLookupClient({ origin: lookup.origin });
  const app = await buildTestApp({ users });
  t.teardown(() => app.close());
  for (let count = 0; count < 6; count++) {
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
