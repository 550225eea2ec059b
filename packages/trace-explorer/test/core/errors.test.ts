import Fastify from 'fastify';
import t from 'tap';
import { problems } from '../../src/core/errors.ts';
import { Failure } from '../../src/core/failures.ts';
import { answerProblems } from '../../src/core/problem-handler.ts';
import { toQueryError } from '../../src/core/query/run/run-query.ts';
import { otlpAnswer, toRpcStatus } from '../../src/core/receiver/http-error.ts';
import { busy, needsReopening, says } from '../../src/core/store/store-error.ts';
import { temporaryExplorer } from '../explorer.ts';

const { app, get } = await temporaryExplorer(t);

t.test('every problem of the catalogue carries its own key as its code', async (t) => {
  for (const [key, make] of Object.entries(problems)) t.equal(make().code, key);
});

t.test('errors of the store become problems that say what to do', async (t) => {
  const cases = [
    [new Failure('QUERY_TIMEOUT'), 504, 'QUERY_TIMEOUT'],
    [new Failure('QUERY_TOO_LARGE'), 422, 'QUERY_TOO_LARGE'],
    [busy('It is behind', 7), 503, 'STORE_BUSY'],
    [new Failure('STORE_REOPENING'), 503, 'STORE_REOPENING'],
    [new Failure('STORE_DAMAGED'), 503, 'STORE_DAMAGED'],
    [new Failure('STORE_GONE'), 503, 'STORE_GONE'],
    [new Failure('STORE_CLOSED'), 503, 'STORE_CLOSED'],
    [new Failure('DISK_FULL'), 503, 'DISK_FULL'],
    [new Error('secret detail'), 500, 'INTERNAL'],
  ] as const;
  const app = Fastify();
  t.teardown(() => app.close());
  answerProblems(app);
  for (const [index, [error]] of cases.entries()) {
    app.get(`/${index}`, () => {
      throw error;
    });
  }
  for (const [index, [error, status, code]] of cases.entries()) {
    const response = await app.inject(`/${index}`);
    t.match(response.headers['content-type'], 'application/problem+json');
    t.match(response.json(), {
      status,
      code,
      type: `urn:tandem:problem:${code.toLowerCase().replaceAll('_', '-')}`,
    });
    t.notMatch(response.body, 'secret');
    if (code !== 'STORE_BUSY' && code !== 'STORE_REOPENING') continue;
    const { retryAfterSeconds } = error as Failure;
    t.equal(response.headers['retry-after'], String(retryAfterSeconds));
    t.match(response.json().detail, `retry in ${retryAfterSeconds} s`);
  }
});

t.test('a reading that needs too much is refused with advice', async (t) => {
  const app = Fastify();
  t.teardown(() => app.close());
  answerProblems(app);
  const routes = ['/api/logs', '/api/traces/:traceId/outline'];
  const tooSlow = new Failure('QUERY_TIMEOUT', 'Reading took longer than 5 ms');
  for (const route of routes) {
    app.get(route, ({ url }) => {
      throw url.endsWith('?slow') ? tooSlow : new Failure('QUERY_TOO_LARGE');
    });
  }
  const detail = async (url: string) => (await app.inject(url)).json().detail;
  const advice = 'narrow its time or its filters, or try again when less is being read\\.$';
  t.match(await detail('/api/logs'), new RegExp(`memory.*; ${advice}`));
  t.match(await detail('/api/logs?slow'), new RegExp(`5 ms; ${advice}`));
  t.match(await detail(`/api/traces/${'a'.repeat(32)}/outline`), new RegExp(`memory.*; ${advice}`));
});

t.test('while the store opens its file anew, senders and queries are told when to come again', async (t) => {
  const error = new Failure('STORE_REOPENING');
  t.match(otlpAnswer(error), { statusCode: 503, message: /reopens its files/, retryAfterSeconds: 2 });
  t.match(toRpcStatus(error), { code: 14, message: /reopens its files/, retryDelaySeconds: 2 });
  t.match(toQueryError(error), { status: 503, message: /reopens its files/, retryAfterSeconds: 2 });
  t.match(toQueryError(busy('It is behind', 7)), {
    status: 503,
    message: /retry in 7 s/,
    retryAfterSeconds: 7,
  });
  for (const refused of [new Failure('DISK_FULL'), new Failure('STORE_CLOSED')])
    t.match(toQueryError(refused), { status: 503, message: refused.message, retryAfterSeconds: 5 });
});

t.test('an error of DuckDB or the system says whether the file has to be opened anew', async (t) => {
  const after =
    'FATAL Error: Failed: database has been invalidated because of a previous fatal error. Original error: "Out of Memory Error"';
  const cases = {
    [after]: [true, true],
    // The transaction may have stayed: see memory-at-commit.nightly.test.ts.
    'TransactionContext Error: Failed to commit: failed to pin block of size 256.0 KiB': [true, true],
    // After waiting longer than a query takes: DuckDB kept a transaction of the store's one connection that writes.
    'TransactionContext Error: Cannot CHECKPOINT: there are other write transactions active.': [true, false],
    'IO Error: Corrupt database file: computed checksum 1 does not match stored checksum 2': [true, false],
    'IO Error: Could not write file "explorer.duckdb": No space left on device': [true, false],
    'ENOSPC: no space left on device, write': [true, false],
    'TransactionContext Error: Failed to commit: Out of Memory Error: could not allocate block': [
      false,
      false,
    ],
    'Conversion Error: Could not convert string': [false, false],
    'a mistake of the explorer': [false, false],
  } as const;
  for (const [said, [reopens, given]] of Object.entries(cases))
    t.match([needsReopening(new Error(said)), says(new Error(said), 'givenUp')], [reopens, given], said);
});

t.test('an unknown route and an unreadable request are problems too', async (t) => {
  t.match(await get('/nowhere'), { status: 404, type: /problem\+json/, body: { code: 'ROUTE_NOT_FOUND' } });
  const response = await app.inject({
    method: 'POST',
    url: '/api/import',
    headers: { 'content-type': 'text/html' },
    payload: 'x',
  });
  t.match(response.json(), { status: 415, code: 'MALFORMED_REQUEST' });
});

t.test('a path has only its documented methods', async (t) => {
  const { statusCode, body } = await app.inject({ method: 'PUT', url: '/api/traces' });
  t.match({ statusCode, body }, { statusCode: 404, body: /PUT \/api\/traces is not a route/ });
  const ofQueries = await app.inject({ method: 'DELETE', url: '/1/columns/api' });
  t.match(ofQueries.json(), { status: 404, error: 'There is no such route' }, 'in the form of its API');
  t.equal((await app.inject('/assets/unknown.js')).statusCode, 404, 'a file that is none is not found');
});

t.test('there is a documentation page, and its document is OpenAPI 3.1', async (t) => {
  const document = (await get('/documentation/json')).body;
  t.equal(document.openapi, '3.1.0');
  const forms = Object.keys(document.paths['/api/status'].get.responses.default.content);
  t.same(forms, ['application/problem+json', 'text/html'], 'the forms of a refusal');
  const { schema } = document.paths['/api/saved/queries/{slug}'].put.requestBody.content['application/json'];
  t.ok(
    schema.properties.replace.default === false && !schema.required.includes('replace'),
    'may be left out',
  );
  t.match((await get('/documentation/')).type, 'text/html');
  t.match((await app.inject('/documentation/yaml')).body, /^openapi: 3\.1\.0$/m);
  const bundle = '/documentation/static/swagger-ui-bundle.js';
  const { headers, rawPayload } = await app.inject(bundle);
  const head = await app.inject({ method: 'HEAD', url: bundle });
  t.match(head.headers, { 'content-type': headers['content-type'], 'content-length': rawPayload.length });
  const begun = await app.inject({ url: bundle, headers: { range: 'bytes=0-9' } });
  t.match([begun.statusCode, begun.rawPayload], [206, rawPayload.subarray(0, 10)]);
  const unchanged = { 'if-none-match': String(headers.etag) };
  t.equal((await app.inject({ url: bundle, headers: unchanged })).statusCode, 304);
  const late = await app.inject({ url: bundle, headers: { range: 'bytes=999999999-' } });
  t.match(late.json(), { status: 416, code: 'MALFORMED_REQUEST' });
  for (const path of ['x', 'static/x', 'static/%2e%2e/package.json'])
    t.match(await get(`/documentation/${path}`), { status: 404, body: { code: 'ROUTE_NOT_FOUND' } }, path);
});
