import { execFile, spawn } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import t from 'tap';
import type { Span } from '../frameworks/traced-runs.ts';
import { installExplorer } from '../frameworks/traced-runs.ts';
import { testDatabases } from '../helpers/databases.ts';
import { INSTALL_TIMEOUT_MS, nodeBinary, npmInstall } from '../helpers/npm.ts';
import { freePort } from '../helpers/processes.ts';
import { until } from '../helpers/until.ts';

// The library that an app imports is the library that it gets: each road to the three libraries with two copies, on each
// line of Node, without and with `run`. The last Node without a usable hook for loading has no spans of ES modules.
const NODES = { '22.15.0': false, '22.23.3': true, '24.21.0': true, '26.10.0': true };
/** Programs of the system. */
const MARIADB = { install: 'mariadb-install-db', server: 'mariadbd' };
/** Milliseconds for a program that starts three databases, on a busy machine. */
const PROGRAM_TIMEOUT_MS = 240_000;
t.setTimeout(Object.keys(NODES).length * 20 * PROGRAM_TIMEOUT_MS + 4 * INSTALL_TIMEOUT_MS);

const { work, spansOf } = await installExplorer(t);
const app = join(work, 'app');
await npmInstall(app, [
  ...['@electric-sql/pglite@0.5.17', '@opentelemetry/api@1.9.1', 'esmock@2.7.6', 'mariadb@3.5.4'],
  ...['postgres@3.4.9', 'testdouble@3.21.1', 'tsx@4.23.15', 'vite@8.4.0'],
]);
await npmInstall(join(app, 'early'), ['mariadb@3.5.1']); // ES modules alone
// A package that brings other versions than the app's.
const brought = ['@electric-sql/pglite@0.4.1', 'mariadb@3.5.3', 'postgres@3.4.5'];
await npmInstall(join(app, 'node_modules', 'brings'), brought);

const postgresql = (await testDatabases()).find(({ name }) => name === 'postgresql');
t.teardown(() => postgresql?.drop());
const mariadb = await startMariadb();

/** A program's work with each library: what it gets of it, an answer, and an error. */
const WORK = `
  const { trace } = await import('@opentelemetry/api');
  const { inspect } = await import('node:util');
  const within = (work) => trace.getTracer('app').startActiveSpan('request', (span) => work().finally(() => span.end()));
  export const askPostgres = (postgres) => process.env.POSTGRES && within(async () => {
    const sql = postgres(process.env.POSTGRES, { max: 1 });
    console.log(postgres.name, postgres.length, Object.keys(postgres).join());
    console.log(inspect(await sql\`select 1 as one\`));
    await sql\`select nothing\`.catch((error) => console.log(error.constructor.name, error instanceof postgres.PostgresError, error.code));
    await sql.end();
  });
  export const askMariadb = (mariadb) => within(async () => {
    const { createPool, SqlError, default: all } = mariadb;
    const pool = createPool({ host: '127.0.0.1', port: Number(process.env.MARIADB), user: 'root', database: 'test', connectionLimit: 1 });
    console.log(pool.constructor.name, createPool.name, createPool.length, all?.createPool === createPool, Object.keys(mariadb).join());
    await pool.query('create or replace table things (id int)');
    console.log(inspect(await pool.query('insert into things values (1)')));
    await pool.query('select nothing').catch((error) => console.log(error.constructor.name, typeof SqlError === 'function' && error instanceof SqlError, error.errno));
    const connection = await pool.getConnection();
    console.log(connection.constructor.name, (await connection.query('select 1 as one'))[0]);
    await connection.release();
    await pool.end();
  });
  export const askPglite = ({ PGlite, ...others }) => within(async () => {
    const database = new PGlite();
    console.log(database.constructor.name, PGlite.length, database instanceof PGlite, Object.keys(others).join());
    console.log(inspect((await database.query('select 1 as one')).rows));
    await database.query('select nothing').catch((error) => console.log(error.constructor.name, error.code));
    await database.close();
  });
  export const askAll = async ({ postgres, mariadb, pglite }) => {
    await askPostgres(postgres);
    await askMariadb(mariadb);
    await askPglite(pglite);
  };
`;
const IMPORTED = `import postgres from 'postgres'; import * as mariadb from 'mariadb'; import * as pglite from '@electric-sql/pglite';
  import { askAll } from './work.mjs';`;
const REQUIRED = `const [postgres, mariadb, pglite] = ['postgres', 'mariadb', '@electric-sql/pglite'].map(require);`;
const REQUIRED_RUN = `${REQUIRED} import('./work.mjs').then(({ askAll }) => askAll({ postgres, mariadb, pglite }));`;
const ASK = 'await askAll({ postgres, mariadb, pglite });';

const FILES = {
  'work.mjs': WORK,
  'name.mjs': `${IMPORTED} ${ASK}`,
  'name.mts': `${IMPORTED} const typed: number = 1; ${ASK}`,
  'file.mjs': `${IMPORTED}
    import { Query } from './node_modules/postgres/src/query.js';
    import Pool from './node_modules/mariadb/lib/pool-promise.js';
    const files = { postgres: 'postgres/src/index.js', mariadb: 'mariadb/promise.js', pglite: '@electric-sql/pglite/dist/index.js' };
    const byUrl = {};
    for (const [name, path] of Object.entries(files)) byUrl[name] = await import(new URL('node_modules/' + path, import.meta.url));
    console.log(byUrl.postgres.default === postgres, byUrl.mariadb.createPool === mariadb.createPool, byUrl.pglite.PGlite === pglite.PGlite);
    const sql = postgres(); const pool = mariadb.createPool({});
    console.log(sql\`\` instanceof Query, pool instanceof Pool, Query.name, Query.prototype.handle.name);
    await pool.end();
    console.log(['postgres', 'mariadb', '@electric-sql/pglite'].map((name) => import.meta.resolve(name).split('/node_modules/')[1]));
    ${ASK}`,
  'query.mjs': `import { askPostgres } from './work.mjs';
    await askPostgres((await import('./node_modules/postgres/src/index.js?again')).default);`,
  'required.cjs': REQUIRED_RUN,
  'required.cts': `const typed: number = 1; ${REQUIRED_RUN}`,
  'both.mjs': `${IMPORTED} import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);
    await (async () => { ${REQUIRED} await askAll({ postgres, mariadb, pglite }); })();
    console.log(require('postgres') === postgres, require('mariadb').SqlError === mariadb.SqlError); ${ASK}`,
  'early.mjs': `import { askMariadb } from './work.mjs'; import * as mariadb from './early/node_modules/mariadb/promise.js';
    await askMariadb(mariadb);`,
  'node_modules/brings/index.mjs': `import postgres from 'postgres'; import * as mariadb from 'mariadb';
    export * as pglite from '@electric-sql/pglite'; export { mariadb, postgres };`,
  'brought.mjs': `${IMPORTED} import * as brought from 'brings/index.mjs';
    console.log(brought.postgres === postgres, brought.mariadb.SqlError === mariadb.SqlError, brought.pglite.PGlite === pglite.PGlite);
    await askAll(brought); ${ASK}`,
  'loader.mjs': `export const resolve = (name, context, next) => next(name, context);
    export const load = (url, context, next) => next(url, context);`,
  'worker.mjs': `import { Worker } from 'node:worker_threads';
    new Worker(new URL('name.mjs', import.meta.url)).on('exit', (code) => console.log('exit', code));`,
  'vite.mjs': `import { createServer } from 'vite';
    const server = { middlewareMode: true, hmr: false, ws: false };
    const vite = await createServer({ configFile: false, server, appType: 'custom', logLevel: 'error' });
    await vite.ssrLoadModule('/name.mjs');
    await vite.close();`,
  'own.mjs': `import postgres from 'postgres'; export const made = () => postgres();`,
  'esmock.mjs': `import esmock from 'esmock';
    const { made } = await esmock('./own.mjs', { postgres: { default: () => 'of the test' } });
    console.log(made());`,
  'testdouble.mjs': `import * as td from 'testdouble';
    const { default: postgres } = await td.replaceEsm('postgres');
    td.when(postgres()).thenReturn('of the test');
    console.log((await import('./own.mjs')).made());`,
};
for (const [name, text] of Object.entries(FILES)) await writeFile(join(app, name), text);

/** The spans of statements by library, where all have them. */
const ALL = { postgres: postgresql === undefined ? 0 : 2, mariadb: 4, pglite: 3 };
type Counts = Readonly<Partial<typeof ALL>>;
const TWICE: Counts = { postgres: 2 * ALL.postgres, mariadb: 2 * ALL.mariadb, pglite: 2 * ALL.pglite };
const PACKAGES = { postgres: 'postgres', mariadb: 'mariadb', pglite: '@electric-sql/pglite' };
/** A road: its arguments, and its spans of CommonJS and of ES modules. */
const roadsOf = (
  isHooked: boolean,
): readonly (readonly [args: string, commonjs: Counts, modules: Counts])[] => [
  ['name.mjs', {}, ALL],
  ['file.mjs', {}, ALL],
  ['query.mjs', {}, { postgres: ALL.postgres }],
  ['required.cjs', ALL, {}],
  ['both.mjs', ALL, ALL],
  ['early.mjs', {}, { mariadb: 4 }],
  ['brought.mjs', {}, TWICE],
  ['worker.mjs', {}, ALL],
  ['--loader ./loader.mjs name.mjs', {}, ALL],
  ['vite.mjs', {}, ALL],
  ['--import tsx name.mts', {}, ALL],
  // On an older Node, tsx hands CommonJS over by hooks of another thread, and nobody hears that it has run.
  ['--import tsx required.cts', isHooked ? ALL : {}, {}],
  ['esmock.mjs', {}, {}],
  ['testdouble.mjs', {}, {}],
];

for (const [version, isHooked] of Object.entries(NODES))
  for (const [args, commonjs, modules] of roadsOf(isHooked))
    t.test(`Node ${version}: ${args}`, async (t) => {
      const node = await nodeBinary(version);
      const command = [node, '--no-warnings', ...args.split(' ')];
      const { PATH } = process.env;
      const env = { MARIADB: String(mariadb), ...(postgresql?.url && { POSTGRES: postgresql.url }) };
      const options = { cwd: app, env: { PATH, HOME: work, ...env }, timeout: PROGRAM_TIMEOUT_MS };
      const plain = await promisify(execFile)(node, command.slice(1), options);
      const traced = await spansOf(app, command, env);
      t.equal(traced.out, plain.stdout);
      const copies = isHooked ? [commonjs, modules] : [commonjs];
      for (const name of Object.keys(PACKAGES) as (keyof typeof ALL)[]) {
        const expected = copies.reduce((sum, copy) => sum + (copy[name] ?? 0), 0);
        t.equal(traced.spans.filter((span) => libraryOf(span) === name).length, expected, name);
        const reason = `its ES modules get them from Node 22.22.3 on, and this is ${version}.`;
        const isLeft = !isHooked && (modules[name] ?? 0) > 0;
        const line =
          expected > 0
            ? `One copy of ${PACKAGES[name]} has its spans by run, and another one has none: ${reason}`
            : `${PACKAGES[name]} has no spans: ${reason}`;
        if (isLeft) t.ok(traced.err.split('\n').includes(line), `${line}\n${traced.err}`);
        // Where a mock stands for a library, esmock has loaded it, and the line is true.
        else if (expected > 0)
          t.notMatch(traced.err, `${PACKAGES[name]} was given its channels`, 'its statements came');
      }
    });

/** The library of a statement's span; undefined for others. PGlite has no address. */
function libraryOf({ attributes }: Span): keyof typeof ALL | undefined {
  const textOf = (name: string) => attributes.find(({ key }) => key === name)?.value.stringValue;
  if (textOf('db.system.name') === 'mariadb') return 'mariadb';
  if (textOf('db.system.name') !== 'postgresql') return undefined;
  return textOf('server.address') === undefined ? 'pglite' : 'postgres';
}

/** Starts a server of MariaDB, and returns its port. */
async function startMariadb(): Promise<number> {
  const data = join(work, 'mariadb');
  await mkdir(data);
  const own = ['--no-defaults', `--datadir=${data}`, `--user=${userInfo().username}`];
  await promisify(execFile)(MARIADB.install, own);
  const port = await freePort();
  const place = [`--port=${port}`, '--bind-address=127.0.0.1', '--skip-grant-tables', '--socket=s.sock'];
  const server = spawn(MARIADB.server, [...own, ...place], { cwd: work, stdio: 'ignore' });
  t.teardown(() => server.kill('SIGKILL'));
  const answers = () =>
    new Promise<boolean>((resolve) => {
      const socket = connect(port, '127.0.0.1', () => resolve(true)).on('error', () => resolve(false));
      socket.on('connect', () => socket.destroy());
    });
  await until(answers, { what: 'MariaDB listens' });
  return port;
}
