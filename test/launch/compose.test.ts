import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { Test } from 'tap';
import t from 'tap';
import { parse } from 'yaml';
import { hostTest } from '../../packages/trace-explorer/src/http/host-names.ts';
import { freePort, ROOT } from '../helpers/processes.ts';

const compose = readFileSync(join(ROOT, 'docker-compose.yml'), 'utf8');

/** The shell script of the services' health check, as the shell gets it. */
const script =
  /- -c\n +- >-\n((?: {6}.*\n)+)/.exec(compose)?.[1]?.replaceAll('$$', '$').replaceAll('\n', ' ') ?? '';

/** Runs the health check; resolves with its exit code. */
async function check(port: number, variable = 'PORT'): Promise<number> {
  const shell = spawn('bash', ['-c', script], { env: { [variable]: String(port) }, stdio: 'ignore' });
  const [code] = (await once(shell, 'exit')) as [number];
  return code;
}

async function listen(t: Test, status: number | 'never'): Promise<number> {
  const server = createServer((request, response) => {
    if (status === 'never') return;
    response.statusCode = request.url === '/health/ready' ? status : 404;
    response.end();
  }).listen(0, '127.0.0.1');
  t.teardown(() => {
    server.close();
    server.closeAllConnections();
  });
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

t.test('the health check tells ready from not ready, without a Node process', async (t) => {
  t.match(script, '/health/ready');
  t.notMatch(compose, /test: \[CMD, node/);
  t.equal(await check(await listen(t, 200)), 0);
  t.equal(await check(await listen(t, 200), 'HEALTH_PORT'), 0, 'the thread that answers health checks');
  t.not(await check(await listen(t, 503)), 0);
  t.not(await check(await freePort()), 0, 'nobody listens');
  t.not(await check(await listen(t, 'never')), 0, 'no answer');
});

t.test('every container has limits', async (t) => {
  const [, services = ''] = compose.split(/^services:$/m);
  const [list = ''] = services.split(/^networks:$/m);
  const blocks = list.split(/^ {2}(?=[a-z-]+:$)/m).slice(1);
  // The files of deploy/compose have their own test.
  const own = blocks.filter((block) => !block.includes('extends: { file: deploy/compose/'));
  t.equal(own.length, 4);
  for (const block of own) t.match(block, '<<: *process', block.split(':', 1)[0] ?? '');
  const [common = ''] = compose.split(/^x-telemetry/m);
  for (const limit of [
    'read_only: true',
    'cap_drop: [ALL]',
    'no-new-privileges',
    'mem_limit',
    'pids_limit',
    'max-size',
  ])
    t.match(common, limit);
});

for (const path of ['docker-compose.yml', 'templates/pair/docker-compose.yml'])
  t.test(
    `${path} asks for nothing: PostgreSQL has a password, and is reached by the two services alone`,
    async (t) => {
      const { services, networks } = parse(readFileSync(join(ROOT, path), 'utf8'), { merge: true });
      const uses = JSON.stringify(services).match(/\$\{POSTGRES_PASSWORD[^}]*\}/g) ?? [];
      t.equal(new Set(uses).size, 1, 'the password of .env wins');
      t.match(uses[0], /:-\w+\}$/, 'and there is another one');
      t.notMatch(JSON.stringify(services), /\$\{\w+:?\?/, 'no variable is required');
      const { postgres, ...others } = services;
      t.strictSame([postgres.networks, networks.database], [['database'], { internal: true }]);
      t.notOk('ports' in postgres);
      const neighbours = Object.keys(others).filter((name) => others[name].networks?.includes('database'));
      t.strictSame(neighbours.toSorted(), ['activities-api', 'user-lookup']);
    },
  );

t.test(
  'activities-api, published on loopback, answers for names of this machine and of the explorer',
  async (t) => {
    const [, names = ''] = /^ +ALLOWED_HOSTS: (\S+)$/m.exec(compose) ?? [];
    for (const given of ['', 'api.example.com']) {
      const isOurs = hostTest(
        names.replace(/\$\{ALLOWED_HOSTS:-(\w+)\}/, (_, otherwise) => given || otherwise).split(','),
      );
      for (const host of ['localhost:4567', 'activities-api:4567', '127.0.0.1:4567'])
        t.ok(isOurs(host), `${host}, with ALLOWED_HOSTS=${given}`);
      t.equal(isOurs('api.example.com'), given !== '');
      t.notOk(isOurs('rebound.example:4567'));
    }
    t.match(compose, /EXPLORER_SERVICES: activities-api=http:\/\/activities-api:4567,/);
  },
);

t.test('ports are published on loopback only', async (t) => {
  const published = [...compose.matchAll(/^ +- '(.*:\d+)'$/gm)].map(([, port]) => port);
  t.equal(published.length, 4);
  for (const port of published) t.match(port, /^127\.0\.0\.1:/);
});

t.test('services behind a proxy get its address', async (t) => {
  const blockOf = (name: string) => new RegExp(`^  ${name}:\\n(?: {4}.*\\n)+`, 'm').exec(compose)?.[0] ?? '';
  const variables = {
    'activities-api': ['FRONTEND_URL', 'BACKEND_URL', 'EXPLORER_URL', 'CORS_ORIGINS'],
    explorer: ['BACKEND_URL', 'EXPLORER_ALLOWED_HOSTS'],
  };
  for (const [name, own] of Object.entries(variables))
    for (const variable of own) t.match(blockOf(name), `${variable}: \${${variable}:-`, name);
});

t.test('an image starts its process, and has demo data only when it is asked for', async (t) => {
  const stages = readFileSync(join(ROOT, 'Dockerfile'), 'utf8').split(/^(?=FROM )/m);
  const explorer = stages.find((stage) => / AS explorer$/m.test(stage)) ?? '';
  const [, path = ''] = /^ENTRYPOINT .*"(src\/[^"]+)"\]$/m.exec(explorer) ?? [];
  t.ok(existsSync(join(ROOT, 'packages', 'trace-explorer', path)), path);
  t.match(stages.at(-1), /^ENTRYPOINT \["node", .*"src\/main\.ts"\]$/m);
  t.notMatch(stages.at(-1), '"--seed"');
  for (const stage of [explorer, stages.at(-1) ?? '']) {
    const [, words = '[]'] = /^ENTRYPOINT (.*)$/m.exec(stage) ?? [];
    t.match(
      stage.replaceAll('\\\n', ''),
      new RegExp(`timeout \\d+ +${JSON.parse(words).join(' ')};`),
      'V8 takes its code',
    );
  }
  const blockOf = (name: string) => new RegExp(`^  ${name}:\\n(?: {4}.*\\n)+`, 'm').exec(compose)?.[0];
  for (const name of ['activities-api', 'user-lookup'])
    t.match(blockOf(name), 'command: [--seed]', 'compose asks');
});

t.test('variables that Docker sets for its own traces do not reach the services', async (t) => {
  t.match(compose, 'OTEL_RESOURCE_ATTRIBUTES: ${COMPOSE_RESOURCE_ATTRIBUTES:-');
  t.notMatch(compose, '${OTEL_RESOURCE_ATTRIBUTES');
});
