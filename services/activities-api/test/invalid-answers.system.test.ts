import { SpanKind, SpanStatusCode } from '@opentelemetry/api';
import { createTestTelemetry } from '@tandem/telemetry/testing';
import t from 'tap';
import { leanHttpClient } from '../../../packages/telemetry/src/http/lean-client.ts';
import { instrumentHttpClient } from '../../../packages/telemetry/src/http/undici-client.ts';
import { createUserLookupClient } from '../src/user-lookup-client.ts';
import { buildTestApp } from './build-test-app.ts';
import { drip, leaveOut, startStandIn } from './stand-in.ts';

const telemetry = createTestTelemetry();
t.teardown(() => telemetry.shutdown());
t.beforeEach(() => telemetry.reset());

/** Milliseconds for an answer: enough for its head on a busy machine, where its body never ends. */
const CUT_OFF_AFTER_MS = 1000;

const INVALID = {
  'a body that drips and never ends': drip,
  'an answer that leaves out whom it was asked for': leaveOut,
} as const;

for (const [what, answer] of Object.entries(INVALID)) {
  for (const instrument of [instrumentHttpClient, leanHttpClient]) {
    t.test(`${what} is an error of its CLIENT span (${instrument.name})`, async (t) => {
      const http = instrument();
      t.teardown(() => http.disable());
      const users = createUserLookupClient((await startStandIn(t, answer)).origin);
      t.teardown(() => users.close());
      await t.rejects(users.find(['bayko'], performance.now() + CUT_OFF_AFTER_MS), {
        name: 'LookupError',
        reason: 'invalid_response',
      });
      await telemetry.flush();
      const calls = telemetry.spans().filter(({ kind }) => kind === SpanKind.CLIENT);
      t.equal(calls.length, 1);
      t.match(calls[0], {
        status: { code: SpanStatusCode.ERROR },
        attributes: { 'http.response.status_code': 200, 'error.type': 'invalid_response' },
      });
    });
  }

  t.test(`${what}: pages say that they are degraded, and nobody can post`, async (t) => {
    const users = createUserLookupClient((await startStandIn(t, answer)).origin);
    const app = await buildTestApp({ users, lookupTimeoutMs: CUT_OFF_AFTER_MS });
    t.teardown(() => app.close());
    for (const url of ['home', '@bayko', 'notifications?handle=bayko']) {
      const page = await app.inject(`/api/activities/${url}`);
      t.equal(page.statusCode, 200);
      t.equal(page.json().degraded, true, url);
    }
    const payload = { handle: 'bayko', message: 'x', ttl: '1-hour' };
    const posted = await app.inject({ method: 'POST', url: '/api/activities', payload });
    t.equal(posted.statusCode, 503);
    t.match(posted.json(), { code: 'USER_LOOKUP_UNAVAILABLE', detail: /invalid_response/ });
  });
}
