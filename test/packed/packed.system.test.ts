import { execFile } from 'node:child_process';
import { readFileSync, realpathSync } from 'node:fs';
import { cp, mkdtempDisposable, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { startOtlpReceiver } from '@tandem/otlp/testing';
import t from 'tap';
import { distinct, sendLeftovers } from '../../packages/telemetry/test/child-process.ts';
import { packPackage } from '../../scripts/lib/pack-package.ts';
import { compile } from '../helpers/compile.ts';
import { atNight, IS_NIGHT } from '../helpers/nightly.ts';
import { INSTALL_TIMEOUT_MS, nodeBinary, npmInstall } from '../helpers/npm.ts';
import { ROOT } from '../helpers/processes.ts';
import { wireTree } from '../helpers/wire-tree.ts';

// At night too: on every Node and with every API that the package supports, its README's service, bundles and copies.

/** The newest of each line; 24 is the one that runs this. */
const NODES = IS_NIGHT
  ? [...new Set(['22.23.3', process.versions.node, '26.10.0'])]
  : [process.versions.node];
const APIS = IS_NIGHT ? ['1.9.1', '1.10.0'] : ['1.10.0'];
const FASTIFY = 'fastify@5.12.8';
/** Packages that are installed together, and the versions of Node for each set. */
const LANES = [
  ...APIS.map((api) => ({ api, fastify: FASTIFY, nodes: NODES })),
  ...(IS_NIGHT ? [{ api: '1.10.0', fastify: 'fastify@6.0.0-alpha.4', nodes: [process.versions.node] }] : []),
];
/** The settings at the start, and the counters at the end. */
const OWN_LINE = /^\{.*"event":"telemetry\.(?:self|end)"/;
/** Far above what is in it: more means that a package is in it by mistake. */
const MAX_UNPACKED_BYTES = 1024 * 1024;

/** How a service starts with telemetry, in ES modules and in CommonJS. */
const STARTS = [
  ['--import', '@tandem/telemetry/register', 'app.mjs'],
  ['--require', '@tandem/telemetry/register', 'app.cjs'],
] as const;

const TREE = `
GET  CLIENT
  GET /outer  SERVER
    work  INTERNAL
      own  INTERNAL
        GET  CLIENT
          GET /inner  SERVER`;

t.setTimeout(LANES.length * INSTALL_TIMEOUT_MS);

const run = promisify(execFile);
const work = t.testdir();
const receiver = await startOtlpReceiver();
t.teardown(() => receiver.close());
const tarball = await packPackage('telemetry', work);

/** A command of a driver, whose spans are code that a process loads with the first command. */
const COMMAND = `
  const { withSpan } = require('@tandem/telemetry');
  const command = { command: 'get', args: ['get', '?'], serverAddress: 'cache', serverPort: 6379 };
  const channel = require('node:diagnostics_channel').tracingChannel('ioredis:command');
  withSpan('outer', {}, () => channel.tracePromise(async () => {}, command));
  require('@tandem/telemetry/register').telemetry.flush();
`;

/** Runs an app to its end, and sends what it left in its spool; resolves with its output. */
async function runApp(
  node: string,
  directory: string,
  args: readonly string[],
  service: string,
  environment: Readonly<Record<string, string>> = {},
) {
  const { PATH = '', HOME = '' } = process.env;
  const sends = {
    OTEL_SERVICE_NAME: service,
    OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
    DATA_DIR: join(directory, '.data'),
  };
  const env = { PATH, HOME, ...sends, ...environment };
  const ran = run(node, args, { cwd: directory, env });
  await ran.catch(() => {});
  await sendLeftovers(sends);
  return ran;
}

for (const { api, fastify, nodes } of LANES) {
  t.test(`a plain app with ${fastify} and api ${api}`, async (t) => {
    const directory = join(work, fastify === FASTIFY ? `api-${api}` : fastify);
    await npmInstall(directory, [fastify, tarball, `@opentelemetry/api@${api}`]);
    await cp(join(ROOT, 'test', 'packed', 'apps'), directory, { recursive: true });
    for (const version of nodes) {
      const node = await nodeBinary(version);
      for (const args of STARTS) {
        const service = `${fastify} api-${api} node-${version} ${args[2]}`;
        const { stderr } = await runApp(node, directory, args, service);
        const spans = distinct(receiver.spans()).filter((span) => span.service === service);
        t.equal(new Set(spans.map(({ traceId }) => traceId)).size, 1, `one trace: ${service}`);
        t.equal(
          wireTree(spans).replaceAll(`${service}  `, '').trim(),
          TREE.trim(),
          `one true tree: ${service}`,
        );
        const others = stderr.split('\n').filter((line) => line !== '' && !OWN_LINE.test(line));
        t.same(others, [], 'no warning of Node, and no flag to ask for');
      }
      for (const part of ['TANDEM_RUN_PROFILE', 'TRACE_LEAN']) {
        const service = `${part} ${fastify} api-${api} node-${version}`;
        const args = ['--require', '@tandem/telemetry/register', '-e', COMMAND];
        await runApp(node, directory, args, service, { [part]: 'true' });
        const spans = distinct(receiver.spans()).filter((span) => span.service === service);
        t.same(spans.map(({ name }) => name).toSorted(), ['GET cache:6379', 'outer'], service);
      }
    }
  });
}

t.test('a Node that is too old runs its app untraced, and one line says so', async (t) => {
  const directory = join(work, 'api-1.10.0');
  const lacks = `
    Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '18.20.8' } });
    delete process.getBuiltinModule;
  `;
  await writeFile(join(directory, 'old.cjs'), lacks);
  const script = `require('@tandem/telemetry/register').telemetry.shutdown().then(() => console.log('ended'));`;
  const args = ['--require', './old.cjs', '--import', '@tandem/telemetry/register', '-e', script];
  const nodes = IS_NIGHT ? [await nodeBinary('18.20.8'), await nodeBinary('20.20.2')] : [process.execPath];
  for (const node of nodes) {
    const { stdout, stderr } = await runApp(node, directory, args, 'old');
    t.equal(stdout, 'ended\n');
    t.match(stderr, /^Tracing is off: Node 18\.20\.8 is older than 22\.15.*\n$/);
  }
});

if (IS_NIGHT)
  t.test('it is installed alone, with the api that is newest', async (t) => {
    const directory = join(work, 'alone');
    await npmInstall(directory, [tarball]);
    const script = `
      const { withSpan } = require('@tandem/telemetry');
      withSpan('alone', {}, () => {});
    `;
    await runApp(
      process.execPath,
      directory,
      ['--require', '@tandem/telemetry/register', '-e', script],
      'alone',
    );
    t.equal(distinct(receiver.spans()).filter(({ name }) => name === 'alone').length, 1);

    const sampled = ['--require', '@tandem/telemetry/register', '-e', script.replace("'alone'", "'sampled'")];
    await runApp(process.execPath, directory, sampled, 'alone', {
      OTEL_TRACES_SAMPLER: 'consistent_probability',
    });
    t.match(
      distinct(receiver.spans()).filter(({ name }) => name === 'sampled'),
      [{ attributes: { SampleRate: 1 } }],
      'a sampler that the core does not load is found',
    );

    const crash = `
      const { withSpan } = require('@tandem/telemetry');
      withSpan('open', {}, () => {
        setTimeout(() => { throw new TypeError('boom'); });
        return new Promise(() => {});
      });
    `;
    const args = ['--require', '@tandem/telemetry/register', '-e', crash];
    t.equal((await runApp(process.execPath, directory, args, 'alone').catch((error) => error)).code, 1);
    t.match(
      distinct(receiver.spans()).filter(({ name }) => name === 'open'),
      [{ status: 2, attributes: { 'tandem.process_ended': true, 'error.type': 'TypeError' } }],
      'a span that is open when the process ends is sent, too',
    );
  });

if (IS_NIGHT)
  t.test('a second copy of it in one process shares the telemetry that runs', async (t) => {
    const directory = join(work, 'two-copies');
    await cp(join(work, 'api-1.10.0'), directory, { recursive: true });
    await cp(join(directory, 'node_modules', '@tandem', 'telemetry'), join(directory, 'copy'), {
      recursive: true,
    });
    const args = ['--require', '@tandem/telemetry/register', 'two-copies.cjs'];
    const { stdout } = await runApp(process.execPath, directory, args, 'two-copies');
    const spans = distinct(receiver.spans()).filter(({ service }) => service === 'two-copies');
    const traceId = spans.find(({ name }) => name === 'work')?.traceId ?? '';
    t.equal(
      wireTree(receiver.spansOf(traceId)).replaceAll('two-copies  ', '').trim(),
      'GET  CLIENT\n  GET /  SERVER\n    work  INTERNAL',
      'each span once',
    );
    t.equal(spans.length, 3);
    const printed = stdout.split('\n').find((line) => line.startsWith('{"copied"')) ?? '{}';
    t.match(JSON.parse(printed).copied, { service: 'two-copies', destinations: 1 });
  });

async function bundle(directory: string, app: string, bundled: string): Promise<void> {
  // Bundles of Fastify need this: Fastify's modules are CommonJS.
  const require = "import{createRequire}from'node:module';const require=createRequire(import.meta.url);";
  const form = app.endsWith('.cjs') ? ['--format=cjs'] : ['--format=esm', `--banner:js=${require}`];
  const options = ['--bundle', '--platform=node', ...form];
  const esbuild = join(ROOT, 'packages', 'trace-explorer', 'node_modules', '.bin', 'esbuild');
  await run(esbuild, [app, ...options, `--outfile=${bundled}`], { cwd: directory });
}

if (IS_NIGHT)
  t.test('a service that is bundled into an ES module has the telemetry that runs', async (t) => {
    const directory = join(work, 'api-1.10.0');
    await bundle(directory, 'app.mjs', 'bundle.mjs');
    const args = ['--import', '@tandem/telemetry/register', 'bundle.mjs'];
    await runApp(process.execPath, directory, args, 'bundled');
    const spans = distinct(receiver.spans()).filter(({ service }) => service === 'bundled');
    t.equal(wireTree(spans).replaceAll('bundled  ', '').trim(), TREE.trim());
  });

/** Starts telemetry itself. What it loads late is not in a bundle. */
const OWN_START = `
  async function main() {
    const telemetry = registerTelemetry();
    const server = createServer((_, response) => response.end('ok')).listen(0, '127.0.0.1');
    await once(server, 'listening');
    await withSpan('work', {}, async () => (await fetch('http://127.0.0.1:' + server.address().port)).text());
    server.close();
    server.closeAllConnections();
    await telemetry.shutdown();
    console.log('ended');
  }
  main();
`;
const OWN_IMPORTS = {
  mjs: `
  import { once } from 'node:events';
  import { createServer } from 'node:http';
  import { registerTelemetry, withSpan } from '@tandem/telemetry';`,
  cjs: `
  const { once } = require('node:events');
  const { createServer } = require('node:http');
  const { registerTelemetry, withSpan } = require('@tandem/telemetry');`,
};

if (IS_NIGHT)
  for (const [form, imports] of Object.entries(OWN_IMPORTS))
    t.test(
      `a bundle (.${form}) has its parts from the package beside it; without one a line says so, and it runs`,
      async (t) => {
        const directory = join(work, 'api-1.10.0');
        const name = `own-bundle.${form}`;
        await writeFile(join(directory, `own-start.${form}`), imports + OWN_START);
        await bundle(directory, `own-start.${form}`, name);
        const namesOf = (service: string) =>
          distinct(receiver.spans())
            .filter((span) => span.service === service)
            .map(({ name }) => name)
            .toSorted();
        for (const [variable, value] of [
          ['TRACE_LEAN', 'false'],
          ['TRACE_LEAN', 'true'],
          ['TRACE_CODE_LOCATIONS', 'true'],
          ['OTEL_PROPAGATORS', 'b3'],
        ] as const) {
          const service = `bundle ${form} ${variable} ${value}`;
          const environment = { [variable]: value };
          const { stdout } = await runApp(process.execPath, directory, [name], service, environment);
          t.equal(stdout, 'ended\n', service);
          t.same(namesOf(service), ['GET', 'work'], service);
        }
        await using nowhere = await mkdtempDisposable(join(tmpdir(), 'bundle-alone-'));
        await cp(join(directory, name), join(nowhere.path, name));
        const environment = { TRACE_LEAN: 'true', OTEL_PROPAGATORS: 'tracecontext,b3' };
        const service = `bundle ${form} alone`;
        const args = [process.execPath, nowhere.path, [name], service, environment] as const;
        const { stdout, stderr } = await runApp(...args);
        t.equal(stdout, 'ended\n');
        t.match(stderr, /Telemetry is in a bundle, without lean, propagators, any-process, which/);
        t.same(namesOf(service), ['work']);
      },
    );

const STRICT = ['--ignoreConfig', '--strict', '--module', 'nodenext', '--target', 'es2024'];
const NODE_TYPES = ['--types', 'node', '--typeRoots', join(ROOT, 'node_modules', '@types')];

atNight(t).test(
  'the service of its README compiles, and types ask for nothing that is not installed',
  async (t) => {
    const readme = readFileSync(join(ROOT, 'packages', 'telemetry', 'README.md'), 'utf8');
    const [, service = ''] = /^## In a service\n\n```ts\n(.*?)^```$/ms.exec(readme) ?? [];
    t.match(service, 'fastifyTracing');
    for (const api of APIS) {
      const directory = join(work, `api-${api}`);
      await writeFile(join(directory, 'readme.mts'), service);
      t.equal(
        await compile(directory, [...STRICT, ...NODE_TYPES, 'types.mts', 'readme.mts']),
        '',
        `api ${api}`,
      );
    }
  },
);

if (IS_NIGHT)
  t.test(
    'beside an api that sees nothing of ours tracing is off: a line has both versions and what to do',
    async (t) => {
      const directory = join(work, 'api-1.10.0');
      const nested = join(directory, 'node_modules', '@tandem', 'telemetry', 'node_modules');
      // This workspace has 1.9.1.
      const older = join(ROOT, 'node_modules', '@opentelemetry', 'api');
      await cp(realpathSync(older), join(nested, '@opentelemetry', 'api'), { recursive: true });
      t.teardown(() => rm(nested, { recursive: true }));
      for (const args of STARTS) {
        const { stderr } = await runApp(process.execPath, directory, args, 'two-apis');
        t.match(
          stderr,
          /Tracing is off: this service has @opentelemetry\/api 1\.10\.0, .*has @opentelemetry\/api 1\.9\.1, /,
        );
        t.match(stderr, 'npm install @opentelemetry/api@1.10.0 && npm dedupe');
      }
      t.equal(
        distinct(receiver.spans()).filter(({ service }) => service === 'two-apis').length,
        0,
        'no zeros are exported',
      );
    },
  );

t.test('the tarball is small, and publint finds nothing in its exports', async (t) => {
  const { stdout } = await run('tar', ['-tvzf', tarball]);
  const bytes = stdout
    .trim()
    .split('\n')
    .map((line) => Number(/\s(\d+)\s+\d{4}-/.exec(line)?.[1]));
  const unpacked = bytes.reduce((sum, size) => sum + size, 0);
  t.ok(unpacked > 0 && unpacked < MAX_UNPACKED_BYTES, `${unpacked} bytes unpacked`);
  const publint = await run(process.execPath, [binary('publint'), tarball, '--strict']);
  t.match(publint.stdout, 'All good!');
  const { stdout: licences } = await run('tar', ['-xOzf', tarball, 'package/THIRD-PARTY.md']);
  for (const name of ['@opentelemetry/sdk-trace', 'require-in-the-middle']) t.match(licences, `${name} `);
  if (!IS_NIGHT) return;
  // Node 22 resolves modules as Node 16 does.
  const attw = await run(process.execPath, [
    binary('attw'),
    tarball,
    '--profile',
    'node16',
    '--format',
    'json',
  ]);
  t.match(JSON.parse(attw.stdout), { analysis: { packageName: '@tandem/telemetry' } });
});

function binary(name: string): string {
  return join(ROOT, 'node_modules', '.bin', name);
}
