import { realpathSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import t from 'tap';
import { atNight } from '../../../../../../test/helpers/nightly.ts';
import { npmInstall } from '../../../../../../test/helpers/npm.ts';
import {
  appOf,
  IMPORT,
  nothingWrong,
  REQUIRE,
  runsIn,
  startCommand,
} from '../../../core/command/run-command.ts';

// At night too: with libraries, other drivers and bundles.

// Each command is a process.
t.setTimeout(300_000);
const { start, startExplorer } = runsIn(t.testdir({ 'package.json': '{}' }));
const { beside, spans } = await startExplorer(t);
const connects = async () => (await spans()).filter(({ name }) => name === 'connect').length;

/** In OTLP. */
const SERVER = 2;
const PG = realpathSync(fileURLToPath(import.meta.resolve('../../../../../service-kit/node_modules/pg')));
const TELEMETRY = realpathSync(fileURLToPath(import.meta.resolve('../../../../../telemetry')));
const CONNECT = `const work = () => new pg.Pool({ host: '127.0.0.1', port: 1, max: 3 }).connect().catch(() => {});`;

t.test('pg is traced in both kinds of modules', async (t) => {
  for (const [index, [file, load]] of (
    [
      ['app.cjs', REQUIRE],
      ['app.mjs', IMPORT],
    ] as const
  ).entries()) {
    const here = t.testdir({
      [file]: `${load('pg')}\n${appOf(CONNECT, load)}`,
      node_modules: { pg: t.fixture('symlink', PG) },
    });
    const command = ['--', process.execPath, join(here, file)];
    const { said, ended } = start(t, command, beside, { OTEL_TRACES_EXPORTER: '' });
    t.equal(await ended, 0, said.err);
    t.match(said.err, '\n1 problem in 1 request\n');
    t.notMatch(said.err, /pg (?:has no spans|was given)/, 'its spans came');
    t.equal(await connects(), index + 1, file);
  }
});

/** A server that speaks as much of PostgreSQL's protocol as a simple query needs, and answers late, with 120 rows of one number. */
const SLOW_POSTGRES = `
const message = (type, body) => Buffer.concat([Buffer.from(type), Buffer.from([0, 0, 0, body.length + 4]), body]);
const READY = message('Z', Buffer.from('I'));
const COLUMN = message('T', Buffer.from('0001610000000000000000000017' + '0004ffffffff0000', 'hex'));
const ROWS = Array.from({ length: 120 }, () => message('D', Buffer.from('00010000000131', 'hex')));
const postgres = createNetServer((socket) => {
  let isOpen = false;
  socket.on('error', () => {}).on('data', (data) => {
    if (!isOpen) socket.write(Buffer.concat([message('R', Buffer.alloc(4)), READY]));
    else if (data[0] === 81) setTimeout(() => socket.write(Buffer.concat([COLUMN, ...ROWS, message('C', Buffer.from('SELECT 120\\0')), READY])), 5);
    isOpen = true;
  });
});`;

t.test('a statement that waits in a pool of pg is in the trace of its caller', async (t) => {
  const app = `${SLOW_POSTGRES}
const { promise, resolve: listening } = Promise.withResolvers();
postgres.listen(0, '127.0.0.1', listening);
promise.then(() => {
  const pool = new pg.Pool({ host: '127.0.0.1', port: postgres.address().port, max: 2 });
  const ways = [
    (text) => pool.query(text),
    (text) => new Promise((resolve) => pool.query(text, resolve)),
    async (text) => {
      const client = await pool.connect();
      await client.query(text);
      client.release();
    },
    (text) => new Promise((resolve) => pool.connect((_error, client, done) => client.query(text, () => resolve(done())))),
  ];
  const server = createServer(async ({ url }, response) => {
    await Promise.all([...ways, ...ways].map((way) => way('select ' + url.slice(1) + ' from ' + url.slice(1))));
    response.end('ok');
  }).listen(0, '127.0.0.1', async () => {
    const { port } = server.address();
    await Promise.all(['a', 'b', 'c'].map(async (of) => (await fetch('http://127.0.0.1:' + port + '/' + of)).text()));
    setTimeout(() => process.exit(), 300);
  });
});`;
  const load =
    "import { createServer } from 'node:http';\nimport { createServer as createNetServer } from 'node:net';\n";
  const here = t.testdir({
    'app.mjs': `${load}${IMPORT('pg')}\n${app}`,
    node_modules: { pg: t.fixture('symlink', PG) },
  });
  const command = ['--', process.execPath, join(here, 'app.mjs')];
  const { said, ended } = start(t, command, beside, { OTEL_TRACES_EXPORTER: '' });
  t.equal(await ended, 0, said.err);
  const all = (await spans()).map((span) => ({ ...span, text: JSON.stringify(span) }));
  for (const caller of ['a', 'b', 'c']) {
    const server = all.find(({ kind, text }) => kind === SERVER && text.includes(`"/${caller}"`));
    const statements = all.filter(
      ({ traceId, name }) => traceId === server?.traceId && name.startsWith('SELECT'),
    );
    t.equal(statements.length, 8);
    for (const { text } of statements) {
      t.match(text, `select ${caller} from ${caller}`);
      t.match(text, `SELECT ${caller}`);
      t.match(text, /"db\.response\.returned_rows","value":\{"intValue":"?120/);
    }
    const waits = statements.filter(({ text }) => /tandem\.call\.(?:waiting|connect)_ms/.test(text));
    t.ok(waits.length >= 6, 'those begin with their wait that did not get a free connection');
  }
});

atNight(t).test(
  'pg is traced in a library of a workspace, from its root, without a package.json that names pg',
  async (t) => {
    const before = await connects();
    const here = t.testdir({
      'package.json': '{"private":true,"workspaces":["api"]}',
      api: {
        'package.json': '{"name":"api","version":"1.0.0","scripts":{"dev":"node app.cjs"}}',
        'app.cjs': appOf(`const { work } = require('../lib/index.cjs');`, REQUIRE),
      },
      lib: { 'index.cjs': `${REQUIRE('pg')}\n${CONNECT}\nmodule.exports = { work };` },
      node_modules: { pg: t.fixture('symlink', PG) },
    });
    const env = { OTEL_TRACES_EXPORTER: '', HOME: here };
    const { said, ended } = start(t, ['npm', 'run', 'dev', '-w', 'api'], beside, env, here);
    t.equal(await ended, 0, said.err);
    t.notMatch(said.err, /pg has no spans/);
    t.equal((await connects()) - before, 1);
  },
);

t.test('without a driver nothing of an instrumentation is loaded, and nothing is said of it', async (t) => {
  const print = `console.log(Object.keys(require.cache).concat(process.moduleLoadList).join('\\n'))`;
  const here = t.testdir({ 'package.json': '{"dependencies":{"pg":"8","mongodb":"7"}}' });
  const command = ['--', process.execPath, '-e', print];
  const { said, ended } = start(t, command, beside, { OTEL_TRACES_EXPORTER: '' }, here);
  t.equal(await ended, 0, said.err);
  t.ok(said.out.includes('telemetry'), 'the list has the modules of telemetry');
  t.notMatch(said.out, /guest\/injected\/pg|instrumentation-mongodb|in-the-middle/);
  t.notMatch(said.err, /pg|mongodb/);
});

t.test('drivers that publish nothing are named, also in a version that gets no channels', async (t) => {
  const packages = [
    '@electric-sql/pglite',
    '@libsql/client',
    'better-sqlite3',
    'kafkajs',
    'libsql',
    'mariadb',
    'postgres',
  ];
  const loads = ['node:sqlite', ...packages].map((name) => `require('${name}');`).join('');
  const app = `${loads} ${appOf('const work = async () => {};', REQUIRE)}`;
  const kysely = `require('@tandem/telemetry/kysely').tracedDialect({}, { system: 'sqlite' });`;
  const here = t.testdir({
    'app.cjs': app,
    'traced.cjs': app + kysely,
    node_modules: { '@tandem': { telemetry: t.fixture('symlink', TELEMETRY) } },
  });
  for (const name of packages) {
    await mkdir(join(here, 'node_modules', name), { recursive: true });
    await writeFile(join(here, 'node_modules', name, 'index.js'), '');
  }
  const lastLines = async (file: string) => {
    const command = ['--', process.execPath, '--no-warnings', join(here, file)];
    const { said, ended } = start(t, command, beside, { OTEL_TRACES_EXPORTER: '' });
    t.equal(await ended, 0, said.err);
    t.match(said.err, nothingWrong('1 request'));
    return said.err.split('\n').filter((line) => line.includes(' has no spans: '));
  };
  const lines = await lastLines('app.cjs');
  t.same(
    lines.map((line) => line.split(' ')[0]).toSorted(),
    packages.filter((name) => name !== '@libsql/client'), // asks libsql
  );
  t.match(
    lines.find((line) => line.startsWith('libsql')),
    /package\.json/,
    'the reason, where telemetry has one',
  );
  const left = (await lastLines('traced.cjs')).filter((line) => !line.startsWith('libsql'));
  t.same(left, [], 'not where telemetry traces the statements of any driver');
});

t.test('a copy of a library without spans is named beside one that has them', async (t) => {
  const library = (version: string) => ({
    'package.json': `{"version":"${version}","exports":{"import":"./src/query.js","default":"./cjs/src/query.js"}}`,
    src: {
      'package.json': '{"type":"module"}',
      'query.js': 'export default class Query { handle() {} }; export { Query };',
    },
    cjs: { src: { 'query.js': 'exports.Query = class Query { handle() {} };' } },
  });
  const work = appOf('const work = async () => {};', IMPORT);
  const here = t.testdir({
    'package.json': '{}',
    'one.mjs': `import 'postgres'; ${work}`,
    'old.mjs': `import './old/index.mjs'; ${work}`,
    'both.mjs': `import 'postgres'; import './old/index.mjs'; ${work}`,
    node_modules: { postgres: library('3.4.9') },
    old: { 'index.mjs': `import 'postgres';`, node_modules: { postgres: library('2.0.0') } },
  });
  const expected = {
    'one.mjs': 'postgres was given its channels, and no statement was seen.',
    'old.mjs': 'postgres has no spans: telemetry knows versions from 3.3.0 to 4.0.0, and 2.0.0 is installed.',
    'both.mjs':
      'One copy of postgres has its spans by run, and another one has none: telemetry knows versions from 3.3.0 to 4.0.0, and 2.0.0 is installed.',
  };
  for (const [file, line] of Object.entries(expected)) {
    const { said, ended } = start(t, ['--', process.execPath, join(here, file)], beside, {
      OTEL_TRACES_EXPORTER: '',
    });
    t.equal(await ended, 0, said.err);
    const lines = said.err
      .split('\n')
      .filter((each) => /\bpostgres\b.*(?:spans|seen)/.test(each) && !/^\{/.test(each));
    t.same(lines, [line], file);
  }
});

t.test('postgres.js and node:sqlite have spans in both kinds of modules', async (t) => {
  const { TEST_DATABASE_URL } = process.env;
  const folder = realpathSync(join(import.meta.dirname, '../../../../../telemetry/node_modules/postgres'));
  const query =
    TEST_DATABASE_URL === undefined ? '' : 'await sql`select * from pg_class`.cursor(1, () => sql.CLOSE);';
  let runs = 0;
  for (const [file, load] of [
    ['app.cjs', REQUIRE],
    ['app.mjs', IMPORT],
  ] as const) {
    const work = `const sql = postgres(process.env.TEST_DATABASE_URL, { idle_timeout: 1 });
      const database = new sqlite.DatabaseSync(':memory:');
      const work = async () => { database.prepare('select 7 as seven').get(); ${query} await sql.end(); };`;
    const here = t.testdir({
      [file]: `${load('postgres')}\n${load('node:sqlite')}\n${appOf(work, load)}`,
      node_modules: { postgres: t.fixture('symlink', folder) },
    });
    const command = ['--', process.execPath, '--no-warnings', join(here, file)];
    const env = { OTEL_TRACES_EXPORTER: '', ...(TEST_DATABASE_URL && { TEST_DATABASE_URL }) };
    const { said, ended } = start(t, command, beside, env);
    t.equal(await ended, 0, said.err);
    const silent = said.err.match(/^\S+ was given its channels, and no statement was seen\.$/gm) ?? [];
    const line = 'postgres was given its channels, and no statement was seen.';
    t.same(silent, TEST_DATABASE_URL === undefined ? [line] : []);
    runs += 1;
    const names = (await spans()).map(({ name }) => name);
    t.equal(names.filter((name) => name === 'SELECT').length, runs, file);
    const asked = TEST_DATABASE_URL === undefined ? 0 : runs;
    t.equal(names.filter((name) => name === 'SELECT pg_class').length, asked, file);
  }
});

atNight(t).test("libraries below Yarn's Plug'n'Play have spans in both kinds of modules", async (t) => {
  const work = `const database = new Database(':memory:');
    const work = async () => database.prepare('select 8 as eight').get();`;
  const apps = Object.entries({ 'app.cjs': REQUIRE, 'app.mjs': IMPORT }).map(([file, load]) => [
    file,
    `${load('libsql').replace('libsql', 'Database')}\n${appOf(work, load)}`,
  ]);
  const here = t.testdir({
    ...Object.fromEntries(apps),
    // A newer API than telemetry's, which is put into its place.
    'package.json': '{"dependencies":{"libsql":"0.5.29","@opentelemetry/api":"1.10.0"}}',
    'yarn.lock': '',
    '.yarnrc.yml':
      'nodeLinker: pnp\npnpEnableEsmLoader: true\nenableTelemetry: false\nenableImmutableInstalls: false\n',
  });
  await npmInstall(join(here, 'yarn'), ['@yarnpkg/cli-dist@4.9.2']);
  const yarn = [process.execPath, join(here, 'yarn/node_modules/@yarnpkg/cli-dist/bin/yarn.js')] as const;
  const env = { OTEL_TRACES_EXPORTER: '', HOME: here };
  const install = startCommand(t, [...yarn, 'install'], { cwd: here, env: { ...process.env, ...env } });
  t.equal(await install.ended, 0, install.said.out);
  for (const setting of ['true', 'false'])
    for (const [file = ''] of apps) {
      const settings = { ...env, TRACE_INJECTED_CHANNELS: setting };
      const { said, ended } = start(t, ['--', ...yarn, 'node', file], beside, settings, here);
      t.equal(await ended, 0, said.err);
      const isTraced = !said.err.includes('\nlibsql has no spans: ');
      t.equal(isTraced, setting === 'true', `${file}: ${said.err}`);
    }
});

atNight(t).test('a server that a driver in a bundle asks is named by its port', async (t) => {
  const work = `const work = () => new Promise((done) => {
    const net = require('node:net');
    const other = net.createServer((socket) => socket.end()).listen(5432, '127.0.0.7', () =>
      net.connect(5432, '127.0.0.7').resume().on('close', () => other.close(done)));
  });`;
  const here = t.testdir({ 'bundle.cjs': appOf(work, REQUIRE) });
  const command = ['--', process.execPath, join(here, 'bundle.cjs')];
  const { said, ended } = start(t, command, beside, { OTEL_TRACES_EXPORTER: '' });
  t.equal(await ended, 0, said.err);
  t.match(said.err, '\nCalls of PostgreSQL (127.0.0.7:5432) have no spans: ');
});
