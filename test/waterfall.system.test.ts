import { randomBytes } from 'node:crypto';
import type { ReceivedSpan } from '@tandem/otlp/testing';
import { startOtlpReceiver } from '@tandem/otlp/testing';
import t from 'tap';
import { testDatabases } from './helpers/databases.ts';
import { startPair } from './helpers/pair.ts';
import { untilOutput } from './helpers/processes.ts';
import { until } from './helpers/until.ts';
import { stickingOut, wireTree } from './helpers/wire-tree.ts';

const HOME_TREE = `activities-api  GET /api/activities/home  SERVER
  activities-api  home-activities-data  INTERNAL
    activities-api  SELECT activities  CLIENT
    activities-api  GET /api/users  CLIENT
      user-lookup  GET /api/users  SERVER
        user-lookup  SELECT users  CLIENT
    activities-api  home-result-activities  INTERNAL`;

const receiver = await startOtlpReceiver();
t.teardown(() => receiver.close());

for (const database of await testDatabases()) {
  t.test(`the pair on ${database.name}`, async (t) => {
    t.teardown(() => database.drop());
    const pair = await startPair({ otlpUrl: receiver.url, databaseUrl: database.url });
    t.teardown(() => pair.stop());

    /** Sends a request inside a trace of its own and waits until the whole trace has come. */
    const traced = async (path: string, spans: number, init: RequestInit = {}) => {
      const traceId = randomBytes(16).toString('hex');
      const parentId = randomBytes(8).toString('hex');
      const headers = { ...init.headers, traceparent: `00-${traceId}-${parentId}-01` };
      const response = await fetch(`${pair.api}${path}`, { ...init, headers });
      const body: unknown = await response.json();
      await receiver.waitFor(() => receiver.spansOf(traceId).length >= spans);
      return { response, body, spans: receiver.spansOf(traceId), traceId, parentId };
    };
    /** A look-up has a second: the first one after a start may take longer on a busy machine. */
    const untilWhole = () =>
      until(async () => {
        const body = await (await fetch(`${pair.api}/api/activities/home`)).json();
        return !(body as { readonly degraded: boolean }).degraded;
      });
    await untilWhole();
    const attributesOf = (spans: readonly ReceivedSpan[], name: string, kind: string) =>
      spans.find((span) => span.name === name && span.kind === kind)?.attributes;

    t.test(
      'a home request makes the expected tree, in one trace, below the span of its caller',
      async (t) => {
        const { response, spans, traceId, parentId } = await traced('/api/activities/home', 7);
        t.equal(response.status, 200);
        t.equal(wireTree(spans), HOME_TREE);
        t.equal(spans.find((span) => span.name === 'GET /api/activities/home')?.parentSpanId, parentId);
        t.strictSame(stickingOut(spans), []);
        t.match(response.headers.get('traceresponse'), new RegExp(`^00-${traceId}-[0-9a-f]{16}-0[0-9a-f]$`));
        t.match(response.headers.get('server-timing'), `traceparent;desc="00-${traceId}-`);

        t.match(attributesOf(spans, 'GET /api/activities/home', 'SERVER'), {
          'http.request.method': 'GET',
          'http.route': '/api/activities/home',
          'http.response.status_code': 200,
          'url.path': '/api/activities/home',
          'url.scheme': 'http',
        });
        t.match(attributesOf(spans, 'GET /api/users', 'CLIENT'), {
          'http.request.method': 'GET',
          'http.response.status_code': 200,
          'url.template': '/api/users',
          'server.address': '127.0.0.1',
        });
        t.match(attributesOf(spans, 'SELECT users', 'CLIENT'), {
          'db.system.name': database.name,
          'db.operation.name': 'SELECT',
          'db.collection.name': 'users',
          'db.query.summary': 'SELECT users',
          'db.query.text': /^select .* from "users" where .*(\$1|\?)/,
        });
        t.match(attributesOf(spans, 'home-activities-data', 'INTERNAL'), { outer: true, 'app.now': String });
        t.match(attributesOf(spans, 'home-result-activities', 'INTERNAL'), {
          inner: true,
          'app.now': String,
          'app.result_length': Number,
        });
      },
    );

    t.test('each span carries its own service and process', async (t) => {
      const { spans } = await traced('/api/activities/home', 7);
      const resources = new Map(spans.map((span) => [span.service, span.resource]));
      t.strictSame([...resources.keys()].toSorted(), ['activities-api', 'user-lookup']);
      const instances = [...resources.values()].map((resource) => resource['service.instance.id']);
      t.equal(new Set(instances).size, 2);
      for (const resource of resources.values()) {
        t.match(resource, {
          'service.version': /^\d+\.\d+\.\d+$/,
          'host.name': String,
          'process.pid': Number,
          'process.runtime.name': 'nodejs',
          'deployment.environment.name': 'development',
          'telemetry.sdk.language': 'nodejs',
        });
      }
    });

    t.test('50 requests, ten at a time, in a trace each: no span lands in another one', async (t) => {
      const results: Awaited<ReturnType<typeof traced>>[] = [];
      for (let turn = 0; turn < 5; turn++)
        results.push(
          ...(await Promise.all(Array.from({ length: 10 }, () => traced('/api/activities/home', 7)))),
        );
      t.equal(new Set(results.map((result) => result.traceId)).size, 50);
      // On a slow machine, a call may take longer than the second that it has.
      for (const { spans } of results) t.equal(wireTree(spans).replaceAll('  ERROR', ''), HOME_TREE);
    });

    t.test('a post and its reply keep the context after the body is parsed', async (t) => {
      const post = (path: string, count: number, message: string) =>
        traced(path, count, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify({ handle: 'andrewbrown', message, ttl: '1-day' }),
        });
      const created = await post('/api/activities', 7, 'hello from a test');
      t.equal(created.response.status, 201);
      t.match(wireTree(created.spans), /^activities-api {2}POST \/api\/activities {2}SERVER\n/);
      t.match(wireTree(created.spans), /\n *user-lookup {2}GET \/api\/users/);
      t.match(wireTree(created.spans), /\n *activities-api {2}INSERT activities {2}CLIENT/);
      t.strictSame(stickingOut(created.spans), []);
      const { uuid } = created.body as { uuid: string };
      const reply = await post(`/api/activities/${uuid}/reply`, 7, 'a reply');
      t.equal(reply.response.status, 201);
      t.match(wireTree(reply.spans), /^activities-api {2}POST \/api\/activities\/:uuid\/reply {2}SERVER\n/);
    });

    t.test(
      'an error answer names its trace, leaves the server span unset and makes the client span an error',
      async (t) => {
        const { response, body, spans, traceId } = await traced('/api/activities', 4, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify({ handle: 'nobody_has_this', message: 'x', ttl: '1-day' }),
        });
        t.equal(response.status, 422);
        t.match(response.headers.get('content-type'), 'application/problem+json');
        t.match(body, { status: 422, trace_id: traceId });
        t.equal(spans.find((span) => span.kind === 'SERVER' && span.service === 'activities-api')?.status, 0);
      },
    );

    t.test('baggage that is allow-listed is on every span of the trace', async (t) => {
      const { spans } = await traced('/api/activities/home', 7, {
        headers: { baggage: 'user.id=u-42,secret=x' },
      });
      t.strictSame(
        spans.map((span) => span.attributes['user.id']),
        spans.map(() => 'u-42'),
      );
      t.notMatch(JSON.stringify(spans.map((span) => span.attributes)), /"secret"/);
    });

    t.test('log lines lead to their trace', async (t) => {
      const { traceId } = await traced('/api/activities/home', 7);
      // Lines are written in the background, and may come after the spans.
      await untilOutput(pair.activities, new RegExp(`${traceId}.*\\n`));
      const lines = pair.activities.output().split('\n');
      t.match(JSON.parse(lines.find((line) => line.includes(traceId)) ?? '{}'), {
        trace_id: traceId,
        span_id: /^[0-9a-f]{16}$/,
        'service.name': 'activities-api',
      });
    });

    t.test(
      'user-lookup down: the feed is degraded, and the span says why; up again: it is complete',
      async (t) => {
        await pair.userLookup.stop();
        const down = await traced('/api/activities/home', 5);
        t.equal(down.response.status, 200);
        t.match(down.body, { degraded: true });
        const client = down.spans.find((span) => span.kind === 'CLIENT' && span.name.startsWith('GET'));
        t.equal(client?.status, 2);
        t.equal(client?.attributes['error.type'], 'ECONNREFUSED');
        t.match(JSON.stringify(down.spans.map((span) => span.attributes)), /degraded/);

        await pair.restartUserLookup();
        await untilWhole();
        const up = await traced('/api/activities/home', 7);
        t.notMatch(up.body, { degraded: true });
      },
    );

    t.test('user-lookup hangs: the feed answers degraded within its deadline', async (t) => {
      pair.userLookup.child.kill('SIGSTOP');
      t.teardown(() => pair.userLookup.child.kill('SIGCONT'));
      const { response, body, spans } = await traced('/api/activities/home', 5);
      t.equal(response.status, 200);
      t.match(body, { degraded: true });
      t.strictSame(stickingOut(spans), []);
      t.equal(spans.find((span) => span.kind === 'CLIENT' && span.name.startsWith('GET'))?.status, 2);
      pair.userLookup.child.kill('SIGCONT');
    });
  });
}
