import { ProblemDetails } from '@tandem/service-kit/http';
import fastify from 'fastify';
import t from 'tap';
import { answerProblems } from '../../../src/core/problem-handler.ts';
import { TraceCache } from '../../../src/core/traces/tree/trace-cache.ts';
import { outlineRoutes } from '../../../src/core/traces-api/outline-routes.ts';
import { randomId, storeSpans, temporaryStore } from '../../spans.ts';

t.setTimeout(120_000);
t.test('of many readers of a large trace the first are served, and the rest come again', async (t) => {
  const store = await temporaryStore(t);
  const traceId = randomId(16);
  for (let part = 0; part < 6; part++)
    await storeSpans(
      store,
      Array.from({ length: 1_900 }, (_, n) => ({
        traceId,
        name: `span ${n}`,
        events: [{ name: 'an event' }],
      })),
    );
  const app = fastify();
  t.teardown(() => app.close());
  const cache = new TraceCache(store);
  t.teardown(() => cache.close());
  app.addSchema({ $id: 'ProblemDetails', ...ProblemDetails });
  answerProblems(app);
  await app.register(outlineRoutes, { store, cache, waitMs: 1 });
  const get = () => app.inject(`/api/traces/${traceId}/outline`);
  await cache.tree(traceId);
  const answers = await Promise.all(Array.from({ length: 20 }, get));
  t.equal(answers[0]?.statusCode, 200);
  t.equal(answers[0]?.json().name.length, 11_400);
  const refused = answers.filter(({ statusCode }) => statusCode !== 200);
  t.ok(refused.length > 0, 'their time is too short for all');
  for (const answer of refused)
    t.match(answer, {
      statusCode: 503,
      headers: { 'retry-after': '5' },
      body: /Too much else is being read/,
    });
  const afterwards = await get();
  t.equal(afterwards.statusCode, 200);
  t.equal(afterwards.json().findings, undefined, 'its rows come before what is wrong');
  const { findings } = (await app.inject(`/api/traces/${traceId}/findings`)).json();
  t.match(findings, Array);
});
