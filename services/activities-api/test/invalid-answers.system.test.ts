import t from 'tap';
import { createUserLookupClient } from '../src/user-lookup/client.ts';
import { buildTestApp } from './build-test-app.ts';
import { drip, endless, html, leaveOut, startStandIn } from './stand-in.ts';

const INVALID = [
  ['a body that drips and never ends', drip, /timeout/],
  ['a body of ten megabytes', endless, /invalid_response/],
  ['the page of a proxy', html, /invalid_response/],
  ['an answer that leaves out whom it was asked for', leaveOut, /invalid_response/],
] as const;

for (const [what, answer, reason] of INVALID) {
  t.test(`${what}: pages say that they are degraded, and nobody can post`, async (t) => {
    const users = createUserLookupClient(await startStandIn(t, answer));
    const app = await buildTestApp({ users });
    t.teardown(() => app.close());
    for (const url of ['home', '@bayko', 'notifications?handle=bayko']) {
      const page = await app.inject(`/api/activities/${url}`);
      t.equal(page.statusCode, 200);
      t.equal(page.json().degraded, true, url);
    }
    const payload = { handle: 'bayko', message: 'x', ttl: '1-hour' };
    const posted = await app.inject({ method: 'POST', url: '/api/activities', payload });
    t.equal(posted.statusCode, 503);
    t.match(posted.json(), { code: 'USER_LOOKUP_UNAVAILABLE', detail: reason });
  });
}
