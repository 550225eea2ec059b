import { once } from 'node:events';
import { connect } from 'node:net';
import type { FastifyInstance } from 'fastify';
import t from 'tap';
import Type from 'typebox';
import { NoQuery, problemResponses, problems, withinDeadline } from '../../src/index.ts';
import { createServer } from '../../src/traced/create-server.ts';
import { rawRequest, watchAnswers } from '../../testing/index.ts';

const Body = Type.Object({ text: Type.String() });

/** What the handlers of the fixture do next. */
type Behaviour = 'well' | 'throw' | 'hang' | 'unavailable';

async function listen(rateLimitMax: number) {
  let next: Behaviour = 'well';
  const answer = (request: Parameters<typeof withinDeadline>[0]) =>
    withinDeadline(request, async () => {
      if (next === 'throw') throw new Error('unforeseen');
      if (next === 'unavailable') throw problems.DATABASE_UNAVAILABLE();
      if (next === 'hang') await new Promise(() => {});
      return { text: 'ok' };
    });
  const app: FastifyInstance = await createServer({
    title: 'test',
    description: 'A test.',
    version: '1.2.3',
    rateLimitMax,
    reach: { allowedHosts: [] },
    readiness: {
      checkDatabase: async () => {
        if (next === 'unavailable') throw new Error('gone');
      },
      isStopping: () => false,
    },
    api(api) {
      const schema = { querystring: NoQuery };
      api.get('/read', { schema: { ...schema, response: { 200: Body, ...problemResponses(504) } } }, answer);
      api.post(
        '/write',
        { schema: { ...schema, body: Body, response: { 200: Body, ...problemResponses(413, 415, 504) } } },
        answer,
      );
    },
  });
  const port = Number(new URL(await app.listen({ port: 0, host: '127.0.0.1' })).port);
  const behave = (behaviour: Behaviour) => {
    next = behaviour;
  };
  return { app, port, behave };
}

/** An operation and what makes each of its answers, besides 429. */
const OPERATIONS = [
  { method: 'GET', path: '/api/read', body: '', behaviours: ['well', 'throw', 'hang', 'unavailable'] },
  {
    method: 'POST',
    path: '/api/write',
    body: '{"text":"a"}',
    behaviours: ['well', 'throw', 'hang', 'unavailable'],
  },
  { method: 'GET', path: '/health/live', body: '', behaviours: ['well'] },
  { method: 'GET', path: '/health/ready', body: '', behaviours: ['well', 'unavailable'] },
] as const;

for (const { method, path, body, behaviours } of OPERATIONS) {
  t.test(`${method} ${path}: what it answers is what its document says`, async (t) => {
    const { app, port, behave } = await listen(100_000);
    t.teardown(() => app.close());
    const watched = watchAnswers(app);
    const seen = new Set<number>();
    const send = async (
      options: Partial<Record<'method' | 'url' | 'host' | 'headers' | 'body', string>> = {},
    ) => {
      const content = options.body ?? body;
      const type = content === '' || options.headers?.includes('content-type') ? '' : JSON_TYPE;
      const { status, headers } = await rawRequest(
        port,
        `${options.method ?? method} ${options.url ?? path} HTTP/1.1\r\nhost: ${options.host ?? 'localhost'}\r\nconnection: close\r\n` +
          `x-request-timeout-ms: 200\r\ncontent-length: ${content.length}\r\n${type}${options.headers ?? ''}\r\n${content}`,
      );
      if (status !== 200) t.equal(headers['content-type'], 'application/problem+json', String(status));
      seen.add(status);
    };
    // A request that never arrives whole.
    app.server.headersTimeout = 100;
    app.server.requestTimeout = 200;
    const late = connect(port, '127.0.0.1');
    late.write(`${method} ${path} HTTP/1.1\r\n`);

    for (const behaviour of behaviours) {
      behave(behaviour);
      await send();
    }
    behave('well');
    await send({ url: `${path}?unknown=%zz`, headers: 'x-request-timeout-ms: 1e9\r\n' });
    await send({ method: 'QUERY' });
    await send({ host: 'rebound.example' });
    await send({ url: `${path}?${'q'.repeat(20_000)}` });
    await send({ headers: `x-big: ${'x'.repeat(20_000)}\r\n` });
    await send({ headers: 'expect: more\r\n' });
    if (body !== '') {
      await send({ body: JSON.stringify({ text: 'x'.repeat(70_000) }) });
      await send({ headers: 'content-type: text/plain\r\n' });
    }
    const [answer] = (await once(late, 'data')) as [Buffer];
    seen.add(Number(answer.toString('latin1').split(' ')[1]));
    late.destroy();
    t.strictSame(await watched.undocumented(), []);

    if (path.startsWith('/api/')) {
      const limited = await listen(1);
      t.teardown(() => limited.app.close());
      await limited.app.inject('/api/other');
      const response = await fetch(`http://127.0.0.1:${limited.port}${path}`, { method });
      t.equal(response.headers.get('content-type'), 'application/problem+json');
      seen.add(response.status);
    }
    if (path.startsWith('/health/')) seen.add(500); // nothing in it can fail without being foreseen
    const { paths } = (await app.inject('/documentation/json')).json();
    const documented = Object.keys(paths[path][method.toLowerCase()].responses).map(Number);
    t.strictSame([...seen].toSorted(), documented.toSorted());
  });
}

const JSON_TYPE = 'content-type: application/json\r\n';
