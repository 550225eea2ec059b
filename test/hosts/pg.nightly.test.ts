import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { cp, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { startOtlpReceiver } from '@tandem/otlp/testing';
import t from 'tap';
import { packPackage } from '../../scripts/lib/pack-package.ts';
import { generatePrisma } from '../frameworks/prisma.ts';
import { installExplorer } from '../frameworks/traced-runs.ts';
import { testDatabases } from '../helpers/databases.ts';
import { INSTALL_TIMEOUT_MS, nodeBinary, npmInstall } from '../helpers/npm.ts';

// pg, and what is built on it, in a stranger's folder with the packed telemetry: on each road the same spans.
t.setTimeout(40 * 60_000 + 3 * INSTALL_TIMEOUT_MS);
const OWN = process.versions.node;
const NODES = ['22.15.0', OWN, '26.10.0'];
const PGS = ['pg@8.0.3', 'pg@8.23.1'];
const LIBRARIES = [
  ...['@prisma/adapter-pg@7.10.1', '@prisma/client@7.10.0', 'prisma@7.10.1', 'bluebird@3.7.2'],
  ...['drizzle-orm@0.45.4', 'knex@3.3.0', 'pg-boss@10.4.2', 'pg-copy-streams@7.0.0'],
  ...['pg-cursor@2.22.1', 'pg-promise@12.7.1', 'pg-query-stream@4.17.0', 'reflect-metadata@0.2.2'],
  ...['sequelize@6.37.8', 'slonik@47.3.2', 'typeorm@1.1.1'],
];

const postgresql = (await testDatabases()).find(({ url }) => url !== undefined);
if (postgresql === undefined) throw new Error('TEST_DATABASE_URL names no PostgreSQL');
t.teardown(() => postgresql.drop());
const { work, spansOf } = await installExplorer(t);
const telemetry = await packPackage('telemetry', work);

const apps = new Map<string, Promise<string>>();

/** A folder with these packages, telemetry, and the programs, made by the first test that asks for it. */
function appWith(name: string, packages: readonly string[]): Promise<string> {
  const app = apps.get(name) ?? makeApp(name, packages);
  apps.set(name, app);
  return app;
}

async function makeApp(name: string, packages: readonly string[]): Promise<string> {
  const app = join(work, name);
  await npmInstall(app, [telemetry, '@opentelemetry/api@1.9.1', ...packages]);
  await cp(join(import.meta.dirname, 'pg'), app, { recursive: true });
  return app;
}

/** A span, whichever road it came. */
interface Seen {
  readonly id: string;
  readonly parent: string;
  readonly name: string;
  readonly isFailed: boolean;
  readonly attributes: Readonly<Record<string, unknown>>;
}

/** What a program wrote, and its spans. */
interface Traced {
  readonly out: string;
  readonly spans: readonly Seen[];
}

/** Runs a program with `./register`, or another module in its place. */
async function byRegister(
  folder: string,
  program: string,
  {
    node = process.execPath,
    module = '@tandem/telemetry/register',
    env = {},
  }: { node?: string; module?: string; env?: object } = {},
): Promise<Traced> {
  const receiver = await startOtlpReceiver({});
  const option = program.endsWith('.cjs') ? '--require' : '--import';
  const { PATH } = process.env;
  const start = (args: readonly string[]) =>
    spawn(node, [option, module, ...args], {
      cwd: folder,
      stdio: ['ignore', 'pipe', 'inherit'],
      env: {
        ...{ PATH, HOME: work, POSTGRES: postgresql?.url, OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url },
        ...{ OTEL_LOGS_EXPORTER: 'none', LOG_LEVEL: 'error', TRACE_CODE_LOCATIONS: folder },
        ...{ DATA_DIR: join(work, `spool-${receiver.port}`), ...env },
      },
    });
  const child = start([program]);
  let out = '';
  child.stdout?.on('data', (chunk) => (out += chunk));
  await once(child, 'close');
  // On a busy machine the next process sends what the last moments have left in the spool.
  await once(start(['-e', 'setTimeout(() => {}, 1_500)']), 'close');
  const spans = receiver.spans().map(({ spanId, parentSpanId, name, status, attributes }) => ({
    ...{ id: spanId, parent: parentSpanId, name, isFailed: status === 2, attributes },
  }));
  await receiver.close();
  return { out, spans };
}

/** Runs a program under `run`. */
async function byRun(
  folder: string,
  program: string,
  { node = process.execPath, env = {} }: { node?: string; env?: object } = {},
): Promise<Traced> {
  const { out, spans } = await spansOf(folder, [node, program], { POSTGRES: postgresql?.url, ...env });
  return {
    out,
    spans: spans.map(({ spanId, parentSpanId = '', name, attributes, ...rest }) => ({
      ...{ id: spanId, parent: parentSpanId, name },
      isFailed: Object((rest as { status?: object }).status).code === 2,
      attributes: Object.fromEntries(attributes.map(({ key, value }) => [key, Object.values(value)[0]])),
    })),
  };
}

const isDatabase = ({ attributes }: Seen) => 'db.system.name' in attributes;
/** A wait that came to its end, which depends on the machine. */
const isWait = ({ name, isFailed }: Seen) => /^connect\b/.test(name) && !isFailed;

/** The statements of each request, also below spans of a library's own, in the order of their ends, by the request's path. */
function statementsOf({ spans }: Traced): Record<string, string[]> {
  const byId = new Map(spans.map((span) => [span.id, span]));
  const requestOf = (span: Seen | undefined): Seen | undefined =>
    span === undefined || isRequest(span) ? span : requestOf(byId.get(span.parent));
  const found = Object.fromEntries(spans.filter(isRequest).map((span) => [pathOf(span), [] as string[]]));
  for (const span of spans) {
    const request = isDatabase(span) && !isWait(span) ? requestOf(span) : undefined;
    if (request !== undefined)
      found[pathOf(request)]?.push(
        `${span.name.replace(/^connect .*/, 'connect')}${span.isFailed ? ' failed' : ''}`,
      );
  }
  return found;
}

/** Whether it is a server's span of a request. */
function isRequest({ attributes }: Seen): boolean {
  return 'url.path' in attributes && !('url.full' in attributes);
}

function pathOf({ attributes }: Seen): string {
  return decodeURIComponent(String(attributes['url.path']));
}

/** What each of the ways is, on every road. */
const WAYS: Readonly<Record<string, readonly string[]>> = {
  '/pool, promise': ['SELECT books'],
  '/pool, callback': ['SELECT books'],
  '/pool, values and callback': ['SELECT books'],
  '/pool, config': ['SELECT books'],
  '/pool, named': ['SELECT books'],
  '/client, transaction': ['BEGIN', 'INSERT books', 'COMMIT'],
  '/client, callback': ['SELECT books'],
  '/client, config with callback': ['SELECT books'],
  '/client, query object': ['SELECT books'],
  '/client, query object with callback': ['SELECT books'],
  '/pool, error': ['INSERT books failed'],
  '/pool, error in callback': ['SELECT nothing_here failed'],
  '/client, no statement': [],
  '/pool, many rows': ['SELECT'],
  '/pool, one by one': Array(20).fill('SELECT books'),
  '/pool, at once': Array(6).fill('SELECT books'),
  '/client of its own': ['SELECT books'],
  // What a listener asks of a new connection belongs to no request.
  '/pool, on connect': ['SELECT books'],
  '/pool, refused': ['connect failed'],
  '/client, refused': ['connect failed'],
  '/pool, waits in vain': ['connect failed'],
  '/client, later': ['SELECT books'],
  '/client, time limit': ['SELECT failed'],
};
const PROGRAMS = ['ways-es.mjs', 'ways-commonjs.cjs'];

const ROADS: Readonly<Record<string, (...given: Parameters<typeof byRun>) => Promise<Traced>>> = {
  './register': byRegister,
  run: byRun,
  TRACE_LEAN: (app, program, given) => byRegister(app, program, { ...given, env: { TRACE_LEAN: 'true' } }),
};
for (const pg of PGS)
  for (const version of NODES)
    for (const [road, traced] of Object.entries(ROADS).slice(0, version === OWN ? 3 : 1))
      for (const program of PROGRAMS)
        t.test(`Node ${version}, ${pg}, ${road}, ${program}: each way has its spans`, async (t) => {
          const app = await appWith(pg.replaceAll(/\W/g, '-'), [pg]);
          const node = await nodeBinary(version);
          const plain = await byRegister(app, program, { node, env: { OTEL_SDK_DISABLED: 'true' } });
          const seen = await traced(app, program, { node });
          t.equal(seen.out, plain.out, 'the answers are those of the app');
          t.same(statementsOf(seen), WAYS);
          t.notMatch(JSON.stringify(seen.spans), /secret/);
        });

/** The client of libpq is compiled when it is installed, with the headers that come with this Node. */
const headers = join(dirname(process.execPath), '..');
if (existsSync(join(headers, 'include/node/node.h'))) process.env.npm_config_nodedir ??= headers;

t.test('each way has its spans with the client of libpq, too', async (t) => {
  const app = await appWith('native', ['pg@8.23.1', 'pg-native@3.9.0']);
  const env = { NODE_PG_FORCE_NATIVE: 'true' };
  for (const program of PROGRAMS) {
    const plain = await byRegister(app, program, { env: { ...env, OTEL_SDK_DISABLED: 'true' } });
    const roads = {
      register: await byRegister(app, program, { env }),
      run: await byRun(app, program, { env }),
    };
    for (const [road, seen] of Object.entries(roads)) {
      t.equal(seen.out, plain.out, `${road}, ${program}: the answers are those of the app`);
      t.same(statementsOf(seen), WAYS, `${road}, ${program}`);
      t.notMatch(JSON.stringify(seen.spans), /secret/);
    }
  }
});

t.test('a Fastify service with pg that is started as the documents say has the spans of run', async (t) => {
  const app = await appWith('service', ['fastify@5', 'pg@8.23.1']);
  const statement = 'GET /shelf > SELECT books';
  const expected = [
    ...[' > GET', ' > GET', ' > POST', 'GET > GET /books/:id', 'GET > GET /shelf', 'POST > POST /books'],
    ...['GET /books/:id > SELECT books', ...Array(20).fill(statement)],
    ...['BEGIN', 'INSERT books', 'COMMIT'].map((name) => `POST /books > ${name}`),
  ].toSorted();
  for (const program of ['service-es.mjs', 'service-commonjs.cjs'])
    for (const [road, traced] of Object.entries({ register: byRegister, run: byRun })) {
      const { out, spans } = await traced(app, program);
      t.equal(out.match(/ 200 /g)?.length, 3, out);
      const names = new Map(spans.map(({ id, name }) => [id, name]));
      const found = spans.filter((span) => !isWait(span));
      t.same(
        found.map(({ parent, name }) => `${names.get(parent) ?? ''} > ${name}`).toSorted(),
        expected,
        `${road}, ${program}`,
      );
    }
});

const HOST = `require('@tandem/telemetry/register');
  const { registerInstrumentations } = require('@opentelemetry/instrumentation');
  const { PgInstrumentation } = require('@opentelemetry/instrumentation-pg');
  registerInstrumentations({ instrumentations: [new PgInstrumentation()] });`;
const hostsApp = () => appWith('hosts', ['pg@8.23.1', '@opentelemetry/instrumentation-pg@0.76.0']);

t.test("beside a host's own PgInstrumentation the statements have its spans alone", async (t) => {
  const hosts = await hostsApp();
  await writeFile(join(hosts, 'host.cjs'), HOST);
  const { spans } = await byRegister(hosts, 'ways-commonjs.cjs', { module: './host.cjs' });
  const names = spans
    .filter((each) => isDatabase(each) || 'db.system' in each.attributes)
    .map(({ name }) => name);
  t.ok(
    names.some((name) => name.startsWith('pg.query:')),
    names.join(),
  );
  t.same(
    names.filter((name) => !/^pg(?:-pool)?\./.test(name)),
    [],
  );
});

t.test('with TRACE_INJECTED_CHANNELS=false no statement has a span', async (t) => {
  for (const program of PROGRAMS) {
    const env = { TRACE_INJECTED_CHANNELS: 'false' };
    const { spans } = await byRegister(await hostsApp(), program, { env });
    t.ok(spans.length > 0);
    t.same(spans.filter(isDatabase), []);
  }
});

/** What each call of a library is, and of the ones with a line, the line of the program. */
const CALLS: Readonly<Record<string, readonly string[]>> = {
  '/pg-cursor': ['SELECT books'],
  '/pg-query-stream': ['SELECT books'],
  '/pg-copy-streams, to': ['COPY'],
  '/pg-copy-streams, from': ['COPY failed'],
  '/bluebird': ['SELECT books'],
  '/drizzle': ['SELECT books'],
  '/knex': ['SELECT books'],
  '/knex, transaction': ['BEGIN', 'SELECT books', 'COMMIT'],
  '/sequelize': ['SELECT books'],
  '/pg-promise': ['SELECT books'],
  '/typeorm': ['SELECT books'],
  '/pg-boss': ['INSERT pgboss.job pgboss.queue'],
  '/prisma': ['SELECT public.books'],
  '/prisma, transaction': ['BEGIN', 'UPDATE public.books', 'COMMIT'],
  '/slonik': ['SELECT books', 'DISCARD'],
};

t.test('what is built on pg has one span for each statement, with the line of the app', async (t) => {
  const app = await appWith('libraries', ['pg@8.23.1', ...LIBRARIES]);
  await generatePrisma(app, 'model books {\n  id Int @id\n  title String\n}');
  for (const [road, traced] of Object.entries({ register: byRegister, run: byRun })) {
    const seen = await traced(app, 'libraries.mjs');
    const found = statementsOf(seen);
    for (const [path, expected] of Object.entries(CALLS)) t.same(found[path], expected, `${road} ${path}`);
    t.notMatch(JSON.stringify(seen.spans), /secret/);
    const lines = seen.spans.filter(({ name }) => /^SELECT (?:public\.)?books$/.test(name));
    t.ok(lines.length > 0);
    for (const { attributes } of lines) t.equal(attributes['code.file.path'], 'libraries.mjs');
  }
});
