import type { BadRequest } from '@tandem/service-kit/testing';
import { assertRefused, badRequestsFor, watchAnswers } from '@tandem/service-kit/testing';
import t from 'tap';
import { buildTestApp } from './build-test-app.ts';

const ROUTES = [
  { method: 'GET', url: '/api/users/bayko' },
  { method: 'GET', url: '/api/users?handle=bayko' },
  { method: 'GET', url: '/api/users/search?q=bay' },
] as const;

const get = (url: string, status: number, field?: string): BadRequest => ({
  name: url.slice(0, 60),
  bytes: Buffer.from(`GET ${url} HTTP/1.1\r\nhost: test\r\nconnection: close\r\n\r\n`, 'latin1'),
  status,
  ...(field === undefined ? {} : { field }),
});

const OWN = [
  get('/api/users/nobody', 404, 'handle'),
  get('/api/users/UPPER', 400, 'handle'),
  get('/api/users/a%00b', 400, 'handle'),
  get('/api/users/%ED%A0%80', 400),
  get("/api/users/x'--", 400, 'handle'),
  get(`/api/users/${'a'.repeat(31)}`, 400, 'handle'),
  get(`/api/users/${'a'.repeat(101)}`, 414),
  get('/api/users', 400, 'handle'),
  get('/api/users?handle=', 400, 'handle/0'),
  get('/api/users?handle=bayko&handle=B%20', 400, 'handle/1'),
  get(`/api/users?${Array(101).fill('handle=a').join('&')}`, 400, 'handle'),
  get('/api/users/search', 400, 'q'),
  get('/api/users/search?q=', 400, 'q'),
  get('/api/users/search?q=a&q=b', 400, 'q'),
  get('/api/users/search?q=%00', 400, 'q'),
  get(`/api/users/search?q=${'a'.repeat(65)}`, 400, 'q'),
  get('/api/nothing', 404),
];

t.test('bad input to every route is refused as a problem that names the field', async (t) => {
  const unforeseen: Error[] = [];
  const app = await buildTestApp({ runtime: { reportError: (error) => void unforeseen.push(error) } });
  t.teardown(() => app.close());
  const port = Number(new URL(await app.listen({ port: 0, host: '127.0.0.1' })).port);
  const answers = watchAnswers(app);
  for (const route of ROUTES) {
    const good = await app.inject(route);
    t.equal(good.statusCode, 200, `${route.url} itself is fine`);
    for (const request of badRequestsFor(route))
      await t.resolves(assertRefused(port, request), `${route.method} ${route.url}: ${request.name}`);
  }
  for (const request of OWN) await t.resolves(assertRefused(port, request), request.name);
  t.same(unforeseen, [], 'nothing reached 500');
  t.strictSame(await answers.undocumented(), [], 'the document has every answer');
});
