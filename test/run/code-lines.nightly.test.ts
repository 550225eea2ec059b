import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { delimiter, dirname, join } from 'node:path';
import t from 'tap';
import { startMysqlServer } from '../../packages/telemetry/test/guest/published/mysql-server.ts';
import { freePort } from '../../scripts/lib/free-port.ts';
import { generatePrisma } from '../frameworks/prisma.ts';
import type { Span } from '../frameworks/traced-runs.ts';
import { installExplorer, pathOf } from '../frameworks/traced-runs.ts';
import { testDatabases } from '../helpers/databases.ts';
import { INSTALL_TIMEOUT_MS, nodeBinary, npmInstall } from '../helpers/npm.ts';
import { startRedisServer } from '../helpers/redis-server.ts';

/** A way to make a call. */
interface Row {
  /** Code of the module, before the call. */
  readonly before?: string;
  /** One line that makes the call: `AT` is the address of a server. */
  readonly call: string;
  /** Whether its span has the line with each Node; default: true. */
  readonly hasLine?: false;
}

const CLIENTS: Readonly<Record<string, Row>> = {
  '`fetch`, also in `Promise.all`': {
    call: 'await Promise.all([1, 2].map(async () => (await fetch(AT)).text()));',
  },
  '`.then(fetch)`': { call: 'await (await Promise.resolve(AT).then(fetch)).text();' },
  '`p-limit(() => fetch(url))`': {
    before: "const limited = require('p-limit').default(1);",
    call: 'await limited(async () => (await fetch(AT)).text());',
  },
  '`p-limit(fetch, url)`': { call: 'await (await limited(fetch, AT)).text();', hasLine: false },
  DataLoader: {
    before: "const DataLoader = require('dataloader');",
    call: 'await new DataLoader((keys) => Promise.all(keys.map(async () => (await fetch(AT)).text()))).load(1);',
  },
  'undici, `request`': {
    before: "const undici = require('undici');",
    call: 'await (await undici.request(AT)).body.dump();',
  },
  '`http.get`': {
    before: "const http = require('node:http');",
    call: "await new Promise((done) => http.get(AT, (answer) => answer.resume().on('close', done)));",
  },
  axios: { before: "const axios = require('axios');", call: 'await axios.get(AT);' },
  'node-fetch': {
    before: "const nodeFetch = import('node-fetch');",
    call: 'await (await (await nodeFetch).default(AT)).text();',
  },
  ky: { before: "const ky = import('ky');", call: 'await (await (await ky).default(AT)).text();' },
  got: { before: "const got = import('got');", call: 'await (await got).got(AT);', hasLine: false },
};

const POSTGRES: Readonly<Record<string, Row>> = {
  '`pg`, `client.query`': {
    before: "const pg = require('pg'); const pool = new pg.Pool({ connectionString: DATABASE, max: 2 });",
    call: "const client = await pool.connect(); await client.query('SELECT 1'); client.release();",
  },
  '`pg`, `pool.query`': { call: "await Promise.all([1, 2, 3].map(() => pool.query('SELECT 2')));" },
  Knex: {
    before: "const knex = require('knex')({ client: 'pg', connection: DATABASE });",
    call: "await knex.raw('SELECT 3'); await knex.select(knex.raw('4'));",
  },
  Kysely: {
    before:
      "const { Kysely, PostgresDialect, sql } = require('kysely'); const kysely = new Kysely({ dialect: new PostgresDialect({ pool }) });",
    call: 'await sql`SELECT 5`.execute(kysely);',
  },
  Sequelize: {
    before:
      "const { Sequelize } = require('sequelize'); const sequelize = new Sequelize(DATABASE, { logging: false });",
    call: "await sequelize.query('SELECT 6');",
  },
  TypeORM: {
    before:
      "const { DataSource } = require('typeorm'); const source = new DataSource({ type: 'postgres', url: DATABASE }).initialize();",
    call: "await (await source).query('SELECT 7');",
  },
  Prisma: {
    before:
      "const { PrismaClient } = require('@prisma/client'); const { PrismaPg } = require('@prisma/adapter-pg'); const prisma = new PrismaClient({ adapter: new PrismaPg({ connectionString: DATABASE }) });",
    call: 'await prisma.$queryRaw`SELECT 10`;',
  },
  'Drizzle, `await db.select()`': {
    before:
      "const { drizzle } = require('drizzle-orm/node-postgres'); const db = drizzle({ client: pool }); const orm = require('drizzle-orm');",
    call: 'await db.select({ one: orm.sql`8` }).from(orm.sql`(SELECT 1) AS t`);',
    hasLine: false,
  },
  'Drizzle, `await db.select().execute()`': {
    call: 'await db.select({ one: orm.sql`9` }).from(orm.sql`(SELECT 1) AS t`).execute();',
  },
};

const OTHERS: Readonly<Record<string, Row>> = {
  'mysql2, `pool.query`': {
    before:
      "const mysql = require('mysql2/promise').createPool({ host: '127.0.0.1', port: MYSQL, user: 'shop', database: 'shop', connectionLimit: 1 });",
    call: "await Promise.all([1, 2, 3].map(() => mysql.query('SELECT 1')));",
  },
  ioredis: {
    before:
      "const ioredis = new (require('ioredis').Redis)(REDIS, '127.0.0.1'); ioredis.once('ready', () => {});",
    call: "await ioredis.get('a');",
  },
  'node-redis': {
    before:
      "const redis = require('redis').createClient({ socket: { host: '127.0.0.1', port: REDIS } }); const redisOpen = redis.connect();",
    call: "await redisOpen; await redis.get('a');",
  },
  'Mongoose, `exec()`, `save()`': {
    before:
      "const mongoose = require('mongoose'); const Order = mongoose.model('Order', new mongoose.Schema({}, { bufferTimeoutMS: 50 }));",
    call: 'await Order.find().exec().catch(() => {});',
  },
  'kafkajs, `producer.send`': {
    before:
      "const kafka = new (require('kafkajs').Kafka)({ brokers: ['127.0.0.1:1'] }); const producer = kafka.producer();",
    call: "await producer.send({ topic: 'mails', messages: [{ value: 'a' }] }).catch(() => {});",
  },
  'Mongoose, `await Model.find()`': {
    call: 'await (async () => { try { await Order.find(); } catch {} })();',
    hasLine: false,
  },
};
/** With a `redis-server` of the machine: a queue needs scripts of Redis. */
const QUEUES: Readonly<Record<string, Row>> = {
  'BullMQ, `queue.add`': {
    before:
      "const queue = new (require('bullmq').Queue)('mails', { connection: { host: '127.0.0.1', port: QUEUE } });",
    call: "await queue.add('send', {});",
  },
};
const PACKAGES = [
  ...['p-limit@7', 'dataloader@2', 'undici@8', 'axios@1', 'node-fetch@3', 'ky@1', 'got@14'],
  ...['pg@8', 'knex@3', 'kysely@0.28', 'sequelize@6', 'typeorm@0.3', 'drizzle-orm@0.45'],
  ...['mysql2@3', 'ioredis@5', 'redis@5', 'mongoose@9', 'bullmq@5', 'kafkajs@2'],
  ...['prisma@7', '@prisma/client@7', '@prisma/adapter-pg@7'],
];

const VERSIONS = ['22.15.0', process.versions.node, '26.10.0'];

t.setTimeout(6 * INSTALL_TIMEOUT_MS);
const { work, spansOf } = await installExplorer(t);
const databases = await testDatabases();
const database = databases.find(({ name }) => name === 'postgresql')?.url;
t.teardown(async () => {
  for (const { drop } of databases) await drop();
});
const queue = await startRedis();
const rows = {
  ...CLIENTS,
  ...(database !== undefined && POSTGRES),
  ...OTHERS,
  ...(queue !== undefined && QUEUES),
};

/** The port of the machine's own Redis, which ends with the tests; undefined without one. */
async function startRedis(): Promise<number | undefined> {
  const port = await freePort();
  const child = spawn('redis-server', ['--port', String(port), '--bind', '127.0.0.1', '--save', ''], {
    stdio: 'ignore',
  });
  t.teardown(() => child.kill());
  return await once(child, 'spawn').then(
    () => port,
    () => undefined,
  );
}

/** An app that makes the call of each row in a request of its own. */
function appOf(constants: object): string {
  const declared = Object.entries(constants).map(
    ([name, value]) => `const ${name} = ${JSON.stringify(value)};`,
  );
  const before = Object.values(rows).flatMap((row) => row.before ?? []);
  const cases = Object.values(rows).map(({ call }, at) => `async () => {\n${call} // ${at}\n},`);
  return `${declared.join('\n')}
let AT;
${before.join('\n')}
const calls = [
${cases.join('\n')}
];
const server = require('node:http').createServer(async (request, response) => {
  const at = Number(request.url.slice(1));
  try {
    if (request.url !== '/') await calls[at]();
    response.end('ok');
  } catch (error) {
    console.error(at, error);
    response.writeHead(500).end();
  }
}).listen(0, '127.0.0.1', async () => {
  AT = 'http://127.0.0.1:' + server.address().port;
  await new Promise((done) => setTimeout(done, 1_000)); // connections open
  for (const at of calls.keys()) await (await fetch(AT + '/' + at)).text();
  process.kill(process.pid, 'SIGTERM');
});
`;
}

const attribute = ({ attributes }: Span, name: string) =>
  attributes.find(({ key }) => key === name)?.value as
    | { stringValue?: string; intValue?: string }
    | undefined;
const lineOf = (span: Span) => {
  const line = attribute(span, 'code.line.number')?.intValue;
  return line === undefined ? undefined : Number(line);
};

t.test('each client and ORM has its line, or none', async (t) => {
  const folder = join(work, 'clients');
  await npmInstall(folder, PACKAGES);
  if (database !== undefined) await generatePrisma(folder, 'model Item {\n  id Int @id\n}');
  const redis = await startRedisServer();
  t.teardown(() => redis.close());
  const app = appOf({
    DATABASE: database,
    REDIS: redis.port,
    MYSQL: await startMysqlServer(t),
    QUEUE: queue,
  });
  await writeFile(join(folder, 'app.cjs'), app);
  const lines = app.split('\n');
  for (const version of VERSIONS) {
    const node = await nodeBinary(version);
    const PATH = [dirname(node), process.env.PATH].join(delimiter);
    const { spans, err } = await spansOf(folder, [node, 'app.cjs'], { PATH });
    for (const [at, [name, { hasLine = true }]] of Object.entries(rows).entries()) {
      const server = spans.find((span) => span.kind === 2 && pathOf(span) === `/${at}`);
      const calls = spans.filter(
        ({ kind, traceId, parentSpanId }) =>
          traceId === server?.traceId && (kind === 3 || kind === 4) && parentSpanId === server.spanId,
      );
      const made = calls.filter((span) => !/connect/i.test(span.name));
      t.ok(made.length > 0, `${version}, ${name} has a span: ${err}`);
      const line = lines.findIndex((text) => text.endsWith(`// ${at}`)) + 1;
      // What a library says on a new connection has no line, and a later V8 sees more callers. No line is another one.
      const found = new Set(made.map(lineOf));
      found.delete(undefined);
      t.same([...found], hasLine || found.size > 0 ? [line] : [], `${version}, ${name}`);
    }
  }
});

const SOURCE = `import { createServer } from 'node:http';

interface Order { readonly id: string }

type Many<T> = readonly T[];

const server = createServer(async (request, response) => {
  if (request.url === '/') return void response.end('ok');
  const orders: Many<Order> = [{ id: '1' }];
  for (const { id } of orders)
    await ask(id); // asked
  response.end('ok');
});
async function ask(_id: string): Promise<void> {
  const { port } = server.address() as { port: number };
  await (await fetch('http://127.0.0.1:' + port)).text(); // fetched
}
server.listen(0, '127.0.0.1', async () => {
  const { port } = server.address() as { port: number };
  await (await fetch('http://127.0.0.1:' + port + '/orders')).text();
  process.kill(process.pid, 'SIGTERM');
});
`;
const FETCHED = SOURCE.split('\n').findIndex((line) => line.endsWith('// fetched')) + 1;

/** Ways to run TypeScript, and the place that the call then has. */
const RUNNERS: Readonly<Record<string, { build?: string[]; run: string[]; place: RegExp }>> = {
  node: { run: ['node', 'app.ts'], place: new RegExp(`^app.ts:${FETCHED}$`) },
  tsx: { run: ['node', '--import', 'tsx', 'app.ts'], place: new RegExp(`^app.ts:${FETCHED}$`) },
  'ts-node': {
    run: ['node', '--require', 'ts-node/register/transpile-only', 'old.ts'],
    place: /^old\.ts$/,
  },
  swc: { run: ['node', '--require', '@swc-node/register', 'old.ts'], place: /^old\.ts$/ },
  'esbuild with a map': {
    build: [
      'esbuild',
      'app.ts',
      '--bundle',
      '--minify',
      '--sourcemap',
      '--platform=node',
      '--outfile=dist/a.js',
    ],
    run: ['node', '--enable-source-maps', 'dist/a.js'],
    place: new RegExp(`^app.ts:${FETCHED}$`),
  },
  'esbuild without a map': {
    build: ['esbuild', 'app.ts', '--bundle', '--minify', '--platform=node', '--outfile=dist/b.js'],
    run: ['node', 'dist/b.js'],
    place: /^dist\/b\.js:1:\d+$/,
  },
};

t.test('TypeScript has the line of its source, or no line', async (t) => {
  const folder = join(work, 'typescript');
  await npmInstall(folder, [
    'tsx@4',
    'ts-node@10',
    'typescript@5',
    '@swc-node/register@1',
    '@swc/core@1',
    'esbuild@0.25',
  ]);
  await writeFile(join(folder, 'app.ts'), SOURCE);
  await writeFile(join(folder, 'old.ts'), SOURCE);
  const compilerOptions = { module: 'commonjs', target: 'es2022', esModuleInterop: true };
  await writeFile(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions }));
  for (const [name, { build, run, place }] of Object.entries(RUNNERS)) {
    if (build) execFileSync('npx', build, { cwd: folder });
    const { spans, err } = await spansOf(folder, run);
    const [call] = spans.filter((span) => span.kind === 3 && pathOf(span) === '/');
    t.ok(call, `${name}: ${err}`);
    if (call === undefined) continue;
    const parts = [
      attribute(call, 'code.file.path')?.stringValue,
      ...['code.line.number', 'code.column.number'].map((key) => attribute(call, key)?.intValue),
    ];
    t.match(parts.filter((part) => part !== undefined).join(':'), place, name);
  }
});
