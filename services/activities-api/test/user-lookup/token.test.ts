import { inspect } from 'node:util';
import { createTestTelemetry } from '@tandem/telemetry/testing';
import type { FastifyBaseLogger } from 'fastify';
import t from 'tap';
import { readConfig } from '../../../user-lookup/src/config.ts';
import { buildTestApp } from '../../../user-lookup/test/build-test-app.ts';
import { createUserLookupClient } from '../../src/user-lookup/client.ts';
import { lookUp, warmUp } from './look-up.ts';

const TOKEN = 'correct-horse-battery-staple-7';
const WRONG = 'incorrect-horse-battery-staple';

t.test(
  'with USER_LOOKUP_TOKEN a request without the token is refused, and no answer shows the token',
  async (t) => {
    const telemetry = createTestTelemetry();
    t.teardown(() => telemetry.shutdown());
    let log = '';
    const write = (...said: unknown[]) => {
      log += inspect(said, { depth: 4 });
    };
    const logger = {
      ...{ level: 'trace', silent: write, child: () => logger },
      ...{ fatal: write, error: write, warn: write, info: write, debug: write, trace: write },
    } as unknown as FastifyBaseLogger;
    const app = await buildTestApp({ settings: { userLookupToken: TOKEN }, runtime: { logger } });
    t.teardown(() => app.close());
    const get = (authorization?: string, url = '/api/users/bayko') =>
      app.inject({ url, headers: authorization === undefined ? {} : { authorization } });

    let answers = '';
    for (const wrong of [undefined, `Bearer ${WRONG}`, `Basic ${TOKEN}`, 'Bearer', `Bearer ${TOKEN}x`]) {
      for (const url of ['/api/users/bayko', '/api/unknown']) {
        const response = await get(wrong, url);
        t.equal(response.statusCode, 401, `${wrong} ${url}`);
        t.equal(response.headers['www-authenticate'], 'Bearer');
        t.match(response.json(), { code: 'UNAUTHORIZED', detail: /USER_LOOKUP_TOKEN/ });
        answers += response.body;
      }
    }
    t.equal((await get(`Bearer ${TOKEN}`)).statusCode, 200);
    t.equal((await get(undefined, '/health/ready')).statusCode, 200, 'health stays open');

    await telemetry.flush();
    t.match(log, 'request');
    for (const text of [log, answers, inspect(telemetry.spans(), { depth: 4 })])
      for (const secret of [TOKEN, WRONG]) t.notMatch(text, secret);
    const document = (await app.inject('/documentation/json')).json();
    t.match(document.components.securitySchemes, { bearerToken: { type: 'http', scheme: 'bearer' } });
    const { get: operation } = document.paths['/api/users/{handle}'];
    t.same(operation.security, [{ bearerToken: [] }]);
    t.ok('401' in operation.responses);
    t.notOk(document.paths['/health/live'].get.security);
  },
);

t.test('activities-api sends the token; without it, look-ups fail with http_401', async (t) => {
  const app = await buildTestApp({ settings: { userLookupToken: TOKEN } });
  t.teardown(() => app.close());
  const origin = await app.listen({ port: 0, host: '127.0.0.1' });
  for (const [token, expected] of [
    [TOKEN, 'ok'],
    [WRONG, 'http_401'],
    [undefined, 'http_401'],
  ] as const) {
    const users = createUserLookupClient({ origin, token });
    await warmUp(users);
    t.equal(await lookUp(users, 10_000), expected);
    await users.close();
  }
});

t.test('a malformed token is named, not shown', (t) => {
  t.throws(() => readConfig({ USER_LOOKUP_TOKEN: 'too short' }), {
    message: /^USER_LOOKUP_TOKEN must be a token of 16/,
  });
  t.end();
});
