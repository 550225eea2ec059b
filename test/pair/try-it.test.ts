import type { FastifyInstance } from 'fastify';
import type { Test } from 'tap';
import t from 'tap';
import { injectFaults } from '../../packages/service-kit/src/faults.ts';
import { createServer } from '../../packages/service-kit/src/server/server.ts';
import type { Description } from '../../packages/trace-explorer/src/parts/try/page/description.ts';
import { experimentsOf } from '../../packages/trace-explorer/src/parts/try/page/experiments.ts';
import { offersOf } from '../../packages/trace-explorer/src/parts/try/page/offers.ts';
import { buildTestApp } from '../../services/activities-api/test/build-test-app.ts';

/** A service of the kit with other routes, as a copied pair has them after a while. */
function copied(t: Test, api: (app: FastifyInstance) => void, options = {}): Promise<Description> {
  return described(
    t,
    createServer({
      title: 'orders-api',
      description: 'A test.',
      version: '1.2.3',
      rateLimitMax: 100_000,
      settings: {},
      checkDatabase: async () => {},
      api,
      ...options,
    }),
  );
}

async function described(t: Test, built: Promise<FastifyInstance>): Promise<Description> {
  const app = await built;
  t.teardown(() => app.close());
  return (await app.inject('/documentation/json')).json();
}

const titlesOf = (description: Description) =>
  Object.fromEntries(
    experimentsOf(description).map(({ title, experiments }) => [
      title,
      experiments.map((each) => each.title),
    ]),
  );

const requestsOf = (description: Description) => offersOf(description).map(({ request }) => request);

t.test('Try it has a button for each request and each fault that activities-api describes', async (t) => {
  const description = await described(t, buildTestApp({ injectFaults }));
  t.same(titlesOf(description), {
    Requests: [
      'The newest activities with their replies',
      'Activities that mention a user or reply to them',
      'Activities whose message contains a term',
      'Activities of one user',
      'Post an activity',
      '100 requests at once',
    ],
    'Log lines': ['Lines of every level', 'A line with an exception'],
    Faults: [
      'N+1 look-ups',
      'Slow user-lookup',
      'Failing user-lookup',
      'Aborted connection',
      'Slow database',
      'A process that stands still',
    ],
    'Broken on purpose': ['CORS that swallows traceparent', 'A hop that drops the context'],
  });
  t.ok(
    experimentsOf(description).every(({ experiments }) => experiments.every(({ look }) => look !== '')),
    'each says what to look at',
  );
});

t.test('activities-api answers each of these requests', async (t) => {
  const app = await buildTestApp();
  t.teardown(() => app.close());
  const offers = offersOf((await app.inject('/documentation/json')).json());
  t.equal(offers.length, 5);
  for (const { title, request, next } of offers) {
    const send = ({ method, path: url, body }: typeof request) =>
      app.inject({ method, url, ...(body !== undefined && { payload: body as object }) });
    const answer = await send(request);
    t.equal(answer.statusCode, request.method === 'GET' ? 200 : 201, title);
    const replies = next(answer.json());
    t.equal(replies.length, request.method === 'GET' ? 0 : 1, `${title}: what follows`);
    for (const reply of replies) {
      t.equal(reply.path, `/api/activities/${answer.json().uuid}/reply`);
      t.equal(reply.template, '/api/activities/:uuid/reply');
      t.equal((await send(reply)).statusCode, 201);
    }
    t.same(next({}), [], 'without an answer nothing follows');
  }
});

t.test('a service with other routes has buttons for those, and for no others', async (t) => {
  const text = { type: 'string' };
  const of = (properties: Record<string, object>, ...required: string[]) => ({
    type: 'object',
    required,
    properties,
  });
  const description = await copied(t, (app) => {
    app.post('/orders', { schema: { body: of({ sku: text }, 'sku') } }, function order() {
      return {};
    });
    const params = of({ id: { ...text, examples: ['a/1'] } }, 'id');
    app.get('/orders/:id', { schema: { summary: 'One order', params } }, function getOrder() {
      return {};
    });
    app.get('/orders/:id/bill/:page', function getBill() {
      return {};
    });
    const size = { ...text, enum: ['small', 'large'] };
    const gift = { type: 'boolean', default: false };
    const cart = of({ sku: { ...text, examples: ['tea'] }, size, gift, note: text }, 'sku', 'size', 'gift');
    app.post('/carts', { schema: { summary: 'Fill a cart', body: cart } }, function fillCart() {
      return {};
    });
    app.delete('/carts', { schema: { summary: 'Empty a cart' } }, function emptyCart() {
      return {};
    });
  });
  t.same(titlesOf(description), {
    Requests: ['One order', 'Fill a cart', '100 requests at once'],
    'Broken on purpose': ['CORS that swallows traceparent'],
  });
  t.same(requestsOf(description), [
    { method: 'GET', path: '/api/orders/a%2F1', template: '/api/orders/:id' },
    {
      method: 'POST',
      path: '/api/carts',
      template: '/api/carts',
      body: { sku: 'tea', size: 'small', gift: false },
    },
  ]);
});

t.test(
  'without a request that changes nothing, nothing is tried a hundred times or with a fault',
  async (t) => {
    const description = await copied(t, (app) => app.post('/orders', () => ({})), { injectFaults });
    t.same(titlesOf(description), { Requests: ['POST /api/orders'] });
  },
);

t.test('a document of another program costs no button of its own', async (t) => {
  for (const odd of [{}, { paths: {} }, { paths: { '/api/a': { get: {} } } }, { paths: { '/api/a': {} } }])
    t.ok(experimentsOf(odd as Description).length <= 2, JSON.stringify(odd));
  const itself = { $ref: '#/components/schemas/A' };
  const description = {
    paths: {
      '/api/a': {
        post: { requestBody: { content: { 'application/json': { schema: itself } } } },
      },
    },
    components: { schemas: { A: { required: ['a'], properties: { a: itself } } } },
  };
  t.same(requestsOf(description), [], 'a body that contains itself has no example');
});
