import { once } from 'node:events';
import { readFileSync, realpathSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Test } from 'tap';
import t from 'tap';
import type { Static } from 'typebox';
import { testDatabases } from '../../../../../../test/helpers/databases.ts';
import { ExplorerClient } from '../../../../src/core/command/client/explorer-client.ts';
import type { Causes } from '../../../../src/core/problems/schemas.ts';
import { documentsOfPage } from '../../../../src/core/saved-trace/saved-trace.ts';
import type { TraceDescription } from '../../../../src/core/traces/forms/describe-trace.ts';
import type { List } from '../../../../src/core/traces/list/schemas.ts';
import { IMPORT, REQUIRE, runsIn } from '../../../core/command/run-command.ts';

// Each command is a process.
t.setTimeout(300_000);
const others = createServer((_, response) => setTimeout(() => response.end('ok'), 10)).listen(0, '127.0.0.1');
await once(others, 'listening');
t.teardown(() => others.close());
const OTHERS = `http://127.0.0.1:${(others.address() as AddressInfo).port}`;
const USERS = `${OTHERS}/users?id=`;
const APP = `const http = require('node:http');
async function withUsers() {
  const ids = Array.from({ length: 12 }, (_, id) => id);
  for (const id of ids) await (await fetch('${USERS}' + id)).text(); // line 4
}
const server = http.createServer(async (request, response) => {
  await withUsers();
  response.end('ok');
}).listen(0, '127.0.0.1', async () => {
  await (await fetch('http://127.0.0.1:' + server.address().port + '/orders')).text(); // line 10
  server.close();
});
`;
const work = t.testdir({ 'package.json': '{}', src: { 'orders.js': APP } });
const { start, startExplorer } = runsIn(work);
const { port, beside, spans } = await startExplorer(t);
const client = new ExplorerClient(`http://localhost:${port}`);
const SENT = { OTEL_TRACES_EXPORTER: '' };

const isLoop = ({ rule }: { readonly rule: string }) => rule === 'repeated-call';

async function run(t: Test, env: object = SENT) {
  const { said, ended } = start(t, ['--', process.execPath, 'src/orders.js'], beside, env);
  t.equal(await ended, 0, said.err);
}

t.test('a loop over fetch: its spans, finding and cause name the line', async (t) => {
  await run(t);
  const { traces } = await client.ask<Static<typeof List>>('/api/traces?limit=1');
  const [{ trace_id = '' } = {}] = traces;
  const trace: TraceDescription = await client.trace(trace_id);
  const calls = trace.spans.filter(({ kind }) => kind === 'client');
  t.same(
    calls.map(({ line }) => line),
    ['src/orders.js:10', ...Array<string>(12).fill('src/orders.js:4')],
  );
  t.match(trace.findings.find(isLoop), { file: 'src/orders.js', line: 4 });
  const { causes } = await client.ask<Causes>('/api/causes');
  const cause = causes.find(isLoop);
  t.match(cause, { file: 'src/orders.js', line: 4 });
  t.notMatch(
    Buffer.from(cause?.id ?? '', 'base64url').toString(),
    'orders.js:',
    'an edit above it makes no new cause',
  );
  const fields = JSON.stringify(await spans());
  t.notMatch(fields, realpathSync(work), 'no span has the folder');
  const { runs } = await client.ask<{ runs: { id: string }[] }>('/api/runs');
  t.same(await client.ask(`/api/code-folder?run=${runs[0]?.id}`), { folder: realpathSync(work) });
  t.same(await client.ask('/api/code-folder?run=other'), {});
  const page = async (query: string) => (await client.send(`/api/traces/${trace_id}/page${query}`)).text();
  t.notMatch(String(await documentsOfPage(await page(''))), /code\./);
  t.match(String(await documentsOfPage(await page('?code=true'))), 'src/orders.js');
});

t.test(
  'a loop through a helper, at a server without routes, is a cause with the line of the loop',
  async (t) => {
    const helpers = `const http = require('node:http');
exports.byFetch = async (url) => (await fetch(url)).text();
exports.byGet = (url) => new Promise((resolve) => http.get(url, (answer) => answer.resume().on('end', resolve)));
`;
    const app = `const http = require('node:http');
const call = require('./lib/call.js');
const ids = Array.from({ length: 12 }, (_, id) => id);
const own = (port) => 'http://127.0.0.1:' + port;
const loops = {
  async '/fetch-other'() { for (const id of ids) await call.byFetch('${OTHERS}/v1/users/' + id); },
  async '/get-other'() { for (const id of ids) await call.byGet('${OTHERS}/v1/users/' + id); },
  async '/fetch-own'(port) { for (const id of ids) await call.byFetch(own(port) + '/v1/users/' + id); },
  async '/get-own'(port) { for (const id of ids) await call.byGet(own(port) + '/v1/users/' + id); },
};
const server = http.createServer(async ({ url }, response) => {
  await (loops[url] ?? (() => new Promise((resolve) => setTimeout(resolve, 5))))(server.address().port);
  response.end('ok');
}).listen(0, '127.0.0.1', async () => {
  const { port } = server.address();
  for (const path of Object.keys(loops)) await (await fetch(own(port) + path)).text();
  server.close();
});
`;
    const here = t.testdir({ 'package.json': '{}', 'app.cjs': app, lib: { 'call.js': helpers } });
    const file = join(here, 'verdict.json');
    const options = [...beside, '--json', file];
    const { said, ended } = start(t, ['--', process.execPath, 'app.cjs'], options, SENT, here);
    t.equal(await ended, 0, said.err);
    const { causes } = JSON.parse(readFileSync(file, 'utf8')) as {
      causes: { rule: string; sentence: string; file: string; line: number }[];
    };
    const loops = causes.filter(({ rule }) => rule === 'repeated-call');
    t.same(
      new Set(loops.map(({ file, line }) => `${file}:${line}`)),
      new Set(['app.cjs:6', 'app.cjs:7', 'app.cjs:8', 'app.cjs:9']),
      said.err,
    );
    for (const { sentence, line } of loops) {
      const called = line < 8 ? `GET ${new URL(OTHERS).host}/v1/users/:id` : 'GET /v1/users/:id';
      t.match(sentence, `${called} was called 12 times in a row by GET /`);
    }
  },
);

t.test('where somebody asks for no lines there are none', async (t) => {
  const before = new Set((await spans()).map(({ spanId }) => spanId));
  await run(t, { ...SENT, TRACE_CODE_LOCATIONS: 'false' });
  const own = (await spans()).filter(({ spanId }) => !before.has(spanId));
  t.ok(own.length > 12);
  t.notMatch(JSON.stringify(own), /"code\./);
});

const databases = await testDatabases();
const url = databases.find(({ name }) => name === 'postgresql')?.url;
t.teardown(async () => {
  for (const database of databases) await database.drop();
});

if (url !== undefined)
  t.test('statements of a pool of pg have the line that asked the pool', async (t) => {
    const app = `const http = require('node:http');
${REQUIRE('pg')}
const pool = new pg.Pool({ connectionString: ${JSON.stringify(url)}, max: 1 });
const one = () => pool.query('SELECT 1'); // line 4
const called = () => new Promise((resolve) => pool.query('SELECT 2', resolve)); // line 5
async function direct() {
  const client = await pool.connect();
  await client.query('SELECT 3'); // line 8
  client.release();
}
const server = http.createServer(async (_, response) => {
  await Promise.all([direct(), one(), called(), one()]);
  await pool.end();
  response.end('ok');
}).listen(0, '127.0.0.1', () => {
  http.get({ port: server.address().port }, (answer) => answer.resume().on('end', () => server.close()));
});
`;
    const pg = realpathSync(fileURLToPath(import.meta.resolve('../../../../../service-kit/node_modules/pg')));
    const here = t.testdir({ 'app.cjs': app, node_modules: { pg: t.fixture('symlink', pg) } });
    const before = new Set((await spans()).map(({ spanId }) => spanId));
    const { said, ended } = start(t, ['--', process.execPath, 'app.cjs'], beside, SENT, here);
    t.equal(await ended, 0, said.err);
    const statements = (await spans()).filter(({ spanId, name }) => !before.has(spanId) && name === 'SELECT');
    const lines = statements.map(({ attributes }) =>
      Number(attributes.find(({ key }) => key === 'code.line.number')?.value.intValue),
    );
    t.same(lines.toSorted(), [4, 4, 5, 8]);
  });

if (url !== undefined)
  t.test(
    'a loop over statements of postgres.js: its finding, cause and last lines name the line',
    async (t) => {
      const folder = realpathSync(
        join(import.meta.dirname, '../../../../../telemetry/node_modules/postgres'),
      );
      const app = `${IMPORT('node:http')} ${IMPORT('postgres')}
const sql = postgres(${JSON.stringify(url)}, { max: 1 });
http.createServer(async (_, response) => {
  for (let id = 0; id < 12; id++) await sql\`select relname from pg_class where oid = \${id}\`; // line 4
  await sql.end();
  response.end('ok');
}).listen(0, '127.0.0.1', function () {
  http.get({ port: this.address().port }, (answer) => answer.resume().on('end', () => this.close()));
});
`;
      const here = t.testdir({ 'app.mjs': app, node_modules: { postgres: t.fixture('symlink', folder) } });
      const { said, ended } = start(t, ['--', process.execPath, 'app.mjs'], beside, SENT, here);
      t.equal(await ended, 0, said.err);
      t.match(said.err, /\n {2}! SELECT pg_class was \w+ 12 times in a row.*\n {6}app\.mjs:4/);
      const { traces } = await client.ask<Static<typeof List>>('/api/traces?limit=1');
      const trace = await client.trace(traces[0]?.trace_id ?? '');
      const statements = trace.spans.filter(({ name }) => name === 'SELECT pg_class');
      t.same(
        statements.map(({ line }) => line),
        Array<string>(12).fill('app.mjs:4'),
      );
      t.match(trace.findings.find(isLoop), { file: 'app.mjs', line: 4 });
      const { causes } = await client.ask<Causes>('/api/causes');
      t.ok(causes.some((cause) => isLoop(cause) && cause.file === 'app.mjs' && cause.line === 4));
    },
  );
