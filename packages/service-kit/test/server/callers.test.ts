import type { FastifyInstance } from 'fastify';
import type { Test } from 'tap';
import t from 'tap';
import { FAULT_FORMS, injectFaults, parseFault } from '../../src/faults.ts';
import type { ServerOptions, ServerSettings } from '../../src/server/server.ts';
import { createServer } from '../../src/server/server.ts';

async function create(
  t: Test,
  settings: ServerSettings,
  options: Partial<ServerOptions> = { injectFaults },
): Promise<FastifyInstance> {
  const app = await createServer({
    title: 'test',
    description: 'A test.',
    version: '1.2.3',
    rateLimitMax: 100_000,
    settings,
    checkDatabase: async () => {},
    api(api) {
      api.get('/who', (request) => ({ ip: request.ip }));
    },
    ...options,
  });
  t.teardown(() => app.close());
  return app;
}

const ask = (app: FastifyInstance, headers: Record<string, string>, remoteAddress = '172.17.0.1') =>
  app.inject({ url: '/api/who', headers, remoteAddress });

t.test('behind a trusted balancer the rate limit is per client', async (t) => {
  const app = await create(t, { trustProxy: '172.16.0.0/12' }, { injectFaults, rateLimitMax: 2 });
  for (const client of ['203.0.113.1', '203.0.113.2', '2001:db8::3'])
    for (const status of [200, 200, 429]) {
      const response = await ask(app, { 'x-forwarded-for': client });
      t.equal(response.statusCode, status, client);
      if (status === 200) t.equal(response.json().ip, client);
    }
  const spoofed = await ask(app, { 'x-forwarded-for': '198.51.100.9, 203.0.113.1' });
  t.equal(spoofed.statusCode, 429, 'what a client puts before its own address does not count');
});

t.test('forwarded addresses of an untrusted caller are ignored', async (t) => {
  for (const settings of [{}, { trustProxy: '10.0.0.0/8' }]) {
    const app = await create(t, settings, { injectFaults, rateLimitMax: 2 });
    const statuses = [];
    for (const client of ['203.0.113.1', '203.0.113.2', '203.0.113.3'])
      statuses.push((await ask(app, { 'x-forwarded-for': client })).statusCode);
    t.same(statuses, [200, 200, 429]);
  }
});

t.test('a Host that is not allowed is refused on every path', async (t) => {
  const app = await create(t, { allowedHosts: 'api.test' });
  const requests = [
    { url: '/api/who' },
    { url: '/api/who', headers: { 'tandem.fault': 'database:delay=10000' } },
    { url: '/metrics' },
    { url: '/documentation/json' },
    { url: '/health/ready' },
    { url: '/nothing' },
    { method: 'OPTIONS', url: '/api/who' },
  ] as const;
  for (const request of requests)
    for (const host of [
      'rebound.example:4567',
      'localhost.rebound.example',
      '127.0.0.1.nip.example',
      'a@localhost',
    ]) {
      const headers = { ...('headers' in request ? request.headers : {}), host };
      const response = await app.inject({ ...request, headers });
      t.equal(response.statusCode, 421, `${request.url} ${host}`);
      t.match(response.json(), { code: 'HOST_NOT_ALLOWED', detail: /ALLOWED_HOSTS/ });
    }
});

t.test("this machine's names and addresses, and those that are allowed, are answered", async (t) => {
  const app = await create(t, { allowedHosts: 'api.test' });
  for (const host of [
    'localhost',
    'LOCALHOST:4567',
    '127.0.0.1:4567',
    '[::1]:4567',
    'a.localhost',
    'Api.Test',
  ])
    t.equal((await ask(app, { host })).statusCode, 200, host);
  const anywhere = await create(t, {});
  t.equal((await ask(anywhere, { host: 'user-lookup:4568' })).statusCode, 200, 'not checked off loopback');
  const local = await create(t, { host: '127.0.0.1' });
  t.equal((await ask(local, { host: 'user-lookup:4568' })).statusCode, 421, 'checked on loopback');
});

t.test('metrics and documentation are off by default', async (t) => {
  const app = await create(t, { host: '0.0.0.0' });
  for (const url of ['/metrics', '/documentation', '/documentation/', '/documentation/json'])
    t.equal((await app.inject(url)).statusCode, 404, url);
  t.equal((await app.inject('/health/ready')).statusCode, 200);
  const open = await create(t, { host: '0.0.0.0', exposeMetrics: true, exposeDocumentation: true });
  for (const url of ['/metrics', '/documentation/json'])
    t.equal((await open.inject(url)).statusCode, 200, url);
});

t.test('pages of the own origins may read what there is to request, others not', async (t) => {
  const app = await create(t, {}, { corsOrigins: ['http://localhost:3000/'] });
  const allowed = async (origin?: string) => {
    const { headers } = await app.inject({
      url: '/documentation/json',
      headers: origin === undefined ? {} : { origin },
    });
    return headers['access-control-allow-origin'];
  };
  t.equal(await allowed('http://localhost:3000'), 'http://localhost:3000');
  t.equal(await allowed('http://other.example'), undefined);
  t.equal(await allowed(), undefined);
});

t.test('the documentation has an example of every fault, where requests may ask for faults', async (t) => {
  const faultsOf = async (app: FastifyInstance) => {
    const { paths } = (await app.inject('/documentation/json')).json();
    const parameters: { name: string; in: string; examples: Record<string, { value: string }> }[] =
      paths['/api/who'].get.parameters ?? [];
    return parameters.filter((each) => each.in === 'header' && each.name === 'tandem.fault');
  };
  const [header, ...others] = await faultsOf(await create(t, {}));
  t.same(others, []);
  const values = Object.values(header?.examples ?? {}).map(({ value }) => value);
  t.equal(new Set(values.map((value) => value.replace(/=.*/, ''))).size, FAULT_FORMS.length);
  for (const value of values) t.ok(parseFault(value), value);
  t.same(await faultsOf(await create(t, {}, {})), []);
});
