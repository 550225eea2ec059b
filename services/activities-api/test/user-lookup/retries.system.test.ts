import type { IncomingMessage, ServerResponse } from 'node:http';
import { context, ROOT_CONTEXT, SpanKind } from '@opentelemetry/api';
import type { Test } from 'tap';
import t from 'tap';
import { parseFault, withFault } from '../../../../packages/service-kit/src/faults.ts';
import { faultyUserDirectory } from '../../src/faults.ts';
import type { UserDirectory } from '../../src/user-lookup/call.ts';
import { createUserLookupClient } from '../../src/user-lookup/client.ts';
import { beSilent, drip, knowAll, startStandIn } from '../stand-in.ts';
import { traceTests } from '../trace-tests.ts';
import { lookUp } from './look-up.ts';

// Alone in its process: telemetry is registered for all tests.
const telemetry = traceTests();

/** Default time for a look-up, in milliseconds. */
const LOOKUP_MS = 5000;

async function lookUpOften(users: UserDirectory, times: number): Promise<string[]> {
  const outcomes: string[] = [];
  for (let count = 0; count < times; count++) outcomes.push(await lookUp(users, LOOKUP_MS));
  return outcomes;
}

/** A client and its server. */
async function start(t: Test, answer = knowAll) {
  const lookup = await startStandIn(t, answer);
  const users = createUserLookupClient({ origin: lookup.origin });
  t.teardown(() => users.close());
  return { lookup, users };
}

async function clientSpans() {
  await telemetry.flush();
  return telemetry
    .spans()
    .filter(({ kind }) => kind === SpanKind.CLIENT)
    .map(({ attributes }) => [attributes['http.request.resend_count'], attributes['error.type']]);
}

const reset = (_request: IncomingMessage, response: ServerResponse) => void response.destroy();

t.test(
  'a connection that is reset before an answer: the look-up is sent again, as a span of its own',
  async (t) => {
    const { lookup, users } = await start(t);
    await lookUpOften(users, 10);
    telemetry.reset();
    lookup.answer = (request, response) => {
      lookup.answer = knowAll;
      reset(request, response);
    };
    t.equal(await lookUp(users, LOOKUP_MS), 'ok');
    t.equal(lookup.requests, 12);
    t.same(await clientSpans(), [
      [undefined, 'UND_ERR_SOCKET'],
      [1, undefined],
    ]);
  },
);

t.test(
  'a look-up that is not answered in time has the error.type timeout, and is not sent again',
  async (t) => {
    const { users } = await start(t, beSilent);
    t.equal(await lookUp(users, 600), 'timeout');
    t.same(await clientSpans(), [[undefined, 'timeout']]);
  },
);

t.test('a refused connection is tried once more, then the look-up fails', async (t) => {
  const { lookup, users } = await start(t);
  await lookUpOften(users, 10);
  await lookup.close();
  telemetry.reset();
  t.equal(await lookUp(users, LOOKUP_MS), 'unreachable');
  t.match(await clientSpans(), [
    [undefined, /^(UND_ERR_SOCKET|ECONNREFUSED)$/],
    [1, 'ECONNREFUSED'],
  ]);
});

t.test('a fault that a request asks for is not retried', async (t) => {
  const { lookup, users: client } = await start(t);
  const users = faultyUserDirectory(client, { origin: lookup.origin });
  t.teardown(() => users.close());
  await lookUpOften(users, 10);
  lookup.answer = reset;
  const fault = parseFault('user-lookup:abort');
  if (fault === undefined) throw new Error('no such fault');
  t.equal(await context.with(withFault(ROOT_CONTEXT, fault), () => lookUp(users, LOOKUP_MS)), 'unreachable');
  t.equal(lookup.requests, 11);
});

/** Time for the look-up whose answer does not end: a busy machine has sent the request by then. */
const SHORT_LOOKUP_MS = 1500;

const ONCE: Record<string, (request: IncomingMessage, response: ServerResponse) => void> = {
  'an error of user-lookup': (_request, response) => void response.writeHead(503).end(),
  'an answer that is not JSON': (_request, response) => void response.end('<html>'),
  'an answer that is cut off': (_request, response) => {
    response.writeHead(200, { 'content-length': '100' });
    response.write('{', () => response.destroy());
  },
  'an answer that does not end': drip,
};

for (const [what, answer] of Object.entries(ONCE)) {
  t.test(`${what} is not retried`, async (t) => {
    const { lookup, users } = await start(t);
    await lookUpOften(users, 20);
    lookup.answer = answer;
    t.not(await lookUp(users, answer === drip ? SHORT_LOOKUP_MS : LOOKUP_MS), 'ok');
    t.equal(lookup.requests, 21);
  });
}
