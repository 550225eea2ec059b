import { rawRequest } from '@tandem/service-kit/testing';
import type { LightMyRequestResponse } from 'fastify';
import t from 'tap';
import type { UserDirectory } from '../src/user-lookup/call.ts';
import { LookupError } from '../src/user-lookup/call.ts';
import { buildTestApp, fakeDirectory, NOW } from './build-test-app.ts';

/** A directory that is away. */
const away: UserDirectory = {
  find: async () => Promise.reject(new LookupError('http_503')),
  close: async () => {},
};

t.test('home shows unexpired activities with authors and replies, after one look-up', async (t) => {
  const users = fakeDirectory();
  const app = await buildTestApp({ users });
  t.teardown(() => app.close());
  const response = await app.inject('/api/activities/home');
  t.equal(response.statusCode, 200);
  const { activities, degraded } = response.json();
  t.equal(activities.length, 20);
  t.equal(degraded, false);
  t.equal(users.calls.length, 1);
  t.match(activities[0], {
    display_name: /^The /,
    avatar_url: /^https:/,
    replies: [{ display_name: /^The / }],
  });
  t.ok(activities.every((activity: { expires_at: string }) => activity.expires_at > NOW.toISOString()));
  t.same(Object.keys(activities[0]).sort(), [
    'avatar_url',
    'created_at',
    'display_name',
    'expires_at',
    'handle',
    'likes_count',
    'message',
    'replies',
    'replies_count',
    'reply_to_activity_uuid',
    'reposts_count',
    'uuid',
  ]);
});

t.test('next_cursor and the Link header lead through all pages', async (t) => {
  const app = await buildTestApp();
  t.teardown(() => app.close());
  const seen = new Set<string>();
  let url: string | undefined = '/api/activities/home?limit=7';
  for (let pages = 0; url !== undefined && pages < 54; pages++) {
    const response: LightMyRequestResponse = await app.inject(url);
    const page = response.json();
    for (const { uuid } of page.activities) seen.add(uuid);
    const link: string | undefined = /^<([^>]+)>; rel="next"$/.exec(String(response.headers.link ?? ''))?.[1];
    t.equal(link?.endsWith(`before=${page.next_cursor}`) ?? null, page.next_cursor === null ? null : true);
    url = link;
  }
  t.equal(url, undefined, 'the last page names no other');
  t.equal(seen.size, 54);
});

t.test('the Link header keeps all parameters of the request, and names no other host', async (t) => {
  const app = await buildTestApp();
  t.teardown(() => app.close());
  const port = Number(new URL(await app.listen({ port: 0, host: '127.0.0.1' })).port);
  const link = async (target: string) => {
    const { headers } = await rawRequest(port, `GET ${target} HTTP/1.1\r\nhost: localhost\r\n\r\n`);
    return headers.link;
  };
  for (const message of ['why? oh why?', 'why? oh well']) {
    const payload = { handle: 'bayko', message, ttl: '1-day' };
    await app.inject({ method: 'POST', url: '/api/activities', payload });
  }
  t.match(
    await link('/api/activities/search?term=why?%20oh&limit=1'),
    /^<\/api\/activities\/search\?term=why%3F\+oh&limit=1&before=[^&>]+>; rel="next"$/,
  );
  t.match(
    await link('http://evil.example/api/activities/home?limit=1'),
    /^<\/api\/activities\/home\?limit=1&before=[^&>]+>; rel="next"$/,
  );
});

for (const url of ['home', '@bayko', 'notifications?handle=bayko', 'search?term=trace']) {
  t.test(`${url} answers with handles only, and says so, while user-lookup is away`, async (t) => {
    const app = await buildTestApp({ users: away });
    t.teardown(() => app.close());
    const response = await app.inject(`/api/activities/${url}`);
    t.equal(response.statusCode, 200);
    const { activities, degraded } = response.json();
    t.equal(degraded, true);
    t.ok(activities.length > 0);
    t.match(activities[0], { handle: /./, display_name: null, avatar_url: null });
    const one = await app.inject(`/api/activities/${activities[0].uuid}`);
    t.match(one.json(), { uuid: activities[0].uuid, degraded: true });
  });
}

t.test('a posted activity is found at its Location, in the profile and by those it mentions', async (t) => {
  const app = await buildTestApp();
  t.teardown(() => app.close());
  const payload = { handle: 'vir', message: 'Hello @londo, schöner Tag 🙂', ttl: '3-hours' };
  const posted = await app.inject({ method: 'POST', url: '/api/activities', payload });
  t.equal(posted.statusCode, 201);
  const location = String(posted.headers.location);
  t.equal(location, `/api/activities/${posted.json().uuid}`);
  t.match(posted.json(), {
    ...payload,
    ttl: undefined,
    created_at: NOW.toISOString(),
    expires_at: '2030-01-02T06:04:05.678Z',
  });
  t.same((await app.inject(location)).json(), posted.json());
  t.equal((await app.inject('/api/activities/@vir?limit=1')).json().activities[0].message, payload.message);
  const notified = await app.inject('/api/activities/notifications?handle=londo&limit=1');
  t.equal(notified.json().activities[0].uuid, posted.json().uuid);

  const reply = { handle: 'londo', message: 'Indeed.', ttl: '1-hour' };
  const replied = await app.inject({ method: 'POST', url: `${location}/reply`, payload: reply });
  t.equal(replied.statusCode, 201);
  t.equal(replied.json().reply_to_activity_uuid, posted.json().uuid);
  t.match((await app.inject(location)).json(), {
    replies_count: 1,
    replies: [{ handle: 'londo', message: 'Indeed.' }],
  });
});

t.test('a message may have 1,024 characters, whatever their size in bytes', async (t) => {
  const app = await buildTestApp();
  t.teardown(() => app.close());
  for (const message of ['x', '🙂'.repeat(1024)]) {
    const payload = { handle: 'vir', message, ttl: '1-hour' };
    const { statusCode } = await app.inject({ method: 'POST', url: '/api/activities', payload });
    t.equal(statusCode, 201);
  }
});

t.test('nobody can post while the author cannot be checked', async (t) => {
  const app = await buildTestApp({ users: away });
  t.teardown(() => app.close());
  const payload = { handle: 'vir', message: 'x', ttl: '1-hour' };
  const response = await app.inject({ method: 'POST', url: '/api/activities', payload });
  t.equal(response.statusCode, 503);
  t.equal(response.headers['retry-after'], '5');
  t.match(response.json(), { code: 'USER_LOOKUP_UNAVAILABLE', detail: /http_503/ });
});

t.test(
  'pages of the two known origins may call the API and read the trace headers, others may not',
  async (t) => {
    const app = await buildTestApp();
    t.teardown(() => app.close());
    const preflight = await app.inject({
      method: 'OPTIONS',
      url: '/api/activities',
      headers: {
        origin: 'http://localhost:3000',
        'access-control-request-method': 'POST',
        'access-control-request-headers': 'content-type,traceparent',
      },
    });
    t.equal(preflight.statusCode, 204);
    t.match(preflight.headers, {
      'access-control-allow-origin': 'http://localhost:3000',
      'access-control-allow-methods': 'OPTIONS, GET, HEAD, POST',
      'access-control-allow-headers': 'content-type, if-modified-since, traceparent, tracestate, baggage',
    });
    const headers = { origin: 'http://localhost:4567' };
    for (const url of ['/api/activities/home', '/api/activities/nothing', '/api/nothing']) {
      const response = await app.inject({ url, headers });
      t.equal(response.headers['access-control-allow-origin'], headers.origin, url);
      t.equal(response.headers['timing-allow-origin'], headers.origin, url);
      t.equal(
        response.headers['access-control-expose-headers'],
        'location, link, traceresponse, server-timing',
        url,
      );
    }
    const stranger = await app.inject({
      url: '/api/activities/home',
      headers: { origin: 'http://evil.example' },
    });
    t.notOk(stranger.headers['access-control-allow-origin']);
    t.notOk(stranger.headers['timing-allow-origin']);
  },
);

t.test('HEAD answers as GET does, without a body', async (t) => {
  const app = await buildTestApp();
  t.teardown(() => app.close());
  const response = await app.inject({ method: 'HEAD', url: '/api/activities/home' });
  t.equal(response.statusCode, 200);
  t.equal(response.body, '');
});

t.test('the OpenAPI document has the title and the problems of a route', async (t) => {
  const app = await buildTestApp();
  t.teardown(() => app.close());
  const { paths, info } = (await app.inject('/documentation/json')).json();
  const required = paths['/api/activities/search'].get.parameters
    .filter((parameter: { required: boolean }) => parameter.required)
    .map(({ name }: { name: string }) => name);
  t.same(required, ['term'], 'what has a default may be left out');
  t.equal(info.title, 'activities-api');
  const { responses } = paths['/api/activities'].post;
  t.same(Object.keys(responses).join(' '), '201 400 413 415 421 422 429 500 503 504');
  t.ok(responses[422].content['application/problem+json']);
});
