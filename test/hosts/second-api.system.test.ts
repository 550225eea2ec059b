import { execFile } from 'node:child_process';
import { cp, mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { startOtlpReceiver } from '@tandem/otlp/testing';
import t from 'tap';
import { distinct, sendLeftovers } from '../../packages/telemetry/test/child-process.ts';
import { callerEnv, runsIn, verdictOn } from '../../packages/trace-explorer/test/core/command/run-command.ts';
import { atNight, IS_NIGHT } from '../helpers/nightly.ts';
import { nodeBinary } from '../helpers/npm.ts';

// At night too: with copies that packages bring, on the oldest Node that runs these sources and the newest of each line.

// Two versions of OpenTelemetry's API in one process: one line says whose spans are lost, by `register` and by `run`.

t.setTimeout(IS_NIGHT ? 3_600_000 : 600_000);
const NODES = IS_NIGHT ? ['22.18.0', '22.23.3', process.versions.node, '26.10.0'] : [process.versions.node];
const API = '@opentelemetry/api';
const OURS = join(createRequire(import.meta.url).resolve(API), '..', '..', '..');
const { version: ours }: { version: string } = JSON.parse(await readFile(join(OURS, 'package.json'), 'utf8'));
const newer = ours.replace(/\.(\d+)\./, (_, minor) => `.${Number(minor) + 1}.`);
const older = ours.replace(/\.(\d+)\./, (_, minor) => `.${Number(minor) - 1}.`);
const REGISTER = import.meta.resolve('../../packages/telemetry/src/register.ts');

const receiver = await startOtlpReceiver();
t.teardown(() => receiver.close());
const { start, startExplorer } = runsIn(t.testdir());
const { beside } = await startExplorer(t);

/** Makes a copy of the API below a folder, of another version, for `require` and for `import`. */
async function putApi(folder: string, version: string): Promise<void> {
  const copy = join(folder, 'node_modules', API);
  await cp(OURS, copy, { recursive: true, dereference: true });
  const manifest = JSON.parse(await readFile(join(OURS, 'package.json'), 'utf8'));
  const entry = { require: './build/src/index.js', default: './index.mjs' };
  await writeFile(
    join(copy, 'package.json'),
    JSON.stringify({ ...manifest, version, exports: { '.': entry } }),
  );
  await writeFile(join(copy, 'index.mjs'), `export { trace } from './build/src/index.js';`);
  const file = join(copy, 'build', 'src', 'version.js');
  await writeFile(file, (await readFile(file, 'utf8')).replace(ours, version));
}

/** Makes a package that makes a span with the API that it gets, which its own folder may have. */
async function putPackage(folder: string, name: string, api?: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'package.json'), `{"name":"${name}","version":"1.0.0"}`);
  const work = `trace.getTracer('${name}').startActiveSpan('${name}', (span) => span.end());`;
  await writeFile(join(folder, 'index.js'), `const { trace } = require('${API}'); ${work}`);
  await writeFile(join(folder, 'index.mjs'), `import { trace } from '${API}'; ${work}`);
  if (api !== undefined) await putApi(folder, api);
}

interface Case {
  readonly what: string;
  /** Versions of the API: of the app itself, and of its packages. */
  readonly app?: string;
  readonly packages?: Readonly<Record<string, string>>;
  /** A package of the same repository, which lies beside the app. */
  readonly linked?: string;
  readonly main: string;
  /** The folder in the line about a copy, from the app's; undefined where there is none. */
  readonly told?: RegExp;
  /** The packages whose spans are there. */
  readonly spans: readonly string[];
}

const nested = (name: string) => new RegExp(`node_modules.${name}.node_modules.@opentelemetry.api has no`);
const CASES: readonly Case[] = [
  {
    what: 'a package requires a newer one',
    app: ours,
    packages: { dep: newer },
    main: `require('dep');`,
    told: nested('dep'),
    spans: ['app'],
  },
  {
    what: 'a package imports a newer one',
    packages: { dep: newer },
    app: ours,
    main: `import('dep/index.mjs');`,
    told: nested('dep'),
    spans: ['app'],
  },
  {
    what: 'a package requires another major version, long after the start',
    app: ours,
    packages: { dep: '2.0.0' },
    main: `setTimeout(() => require('dep'), 100);`,
    told: nested('dep'),
    spans: ['app'],
  },
  {
    what: 'a linked package of a monorepo has a newer one',
    app: ours,
    linked: newer,
    main: `require('linked');`,
    told: /linked.node_modules.@opentelemetry.api has no/,
    spans: ['app'],
  },
  {
    what: 'two packages have newer ones: one line',
    app: ours,
    packages: { dep: newer, other: newer },
    main: `require('dep'); import('other/index.mjs');`,
    told: nested('dep'),
    spans: ['app'],
  },
  {
    what: 'a package has the same version',
    app: ours,
    packages: { dep: ours, other: older },
    main: `require('dep'); require('other');`,
    spans: ['app', 'dep', 'other'],
  },
  {
    what: 'a package with a newer one is loaded by nobody',
    app: ours,
    packages: { dep: newer },
    main: `require.resolve('dep');`,
    spans: ['app'],
  },
];

/** An app of a case in a folder of its own. */
async function putApp(at: string, { app, packages = {}, linked, main }: Case): Promise<string> {
  const folder = join(at, 'app');
  await putPackage(folder, 'app', app);
  for (const [name, version] of Object.entries(packages))
    await putPackage(join(folder, 'node_modules', name), name, version);
  if (linked !== undefined) {
    await putPackage(join(at, 'linked'), 'linked', linked);
    await symlink(join(at, 'linked'), join(folder, 'node_modules', 'linked'), 'junction');
  }
  await writeFile(join(folder, 'main.js'), `require('./index.js'); ${main}`);
  return folder;
}

/** The line about a copy of the API that sees nothing of ours. */
const LINE = (api = ours) => `@tandem/telemetry has ${API} ${api}`;

for (const version of NODES)
  for (const each of CASES)
    atNight(t).test(`Node ${version}: ${each.what}`, async (t) => {
      const node = await nodeBinary(version);
      const folder = await putApp(t.testdir(), each);
      const service = `${version} ${each.what}`;
      const sends = {
        OTEL_SERVICE_NAME: service,
        OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
        DATA_DIR: join(folder, '.data'),
      };
      const registered = await promisify(execFile)(node, ['--no-warnings', '--import', REGISTER, 'main.js'], {
        cwd: folder,
        env: { ...callerEnv(), ...sends, OTEL_TRACES_EXPORTER: 'otlp' },
      });
      await sendLeftovers(sends);
      const spans = distinct(receiver.spans()).filter((span) => span.service === service);
      t.same(spans.map(({ name }) => name).toSorted(), each.spans);
      const run = start(t, ['--', node, 'main.js'], beside, { OTEL_TRACES_EXPORTER: '' }, folder);
      t.equal(await run.ended, 0, run.said.err);
      t.match(run.said.err, verdictOn(each.spans.length === 1 ? '1 trace' : `${each.spans.length} traces`));
      for (const said of [registered.stderr, run.said.err]) {
        const lines = said.split('\n').filter((line) => line.includes(LINE()));
        t.equal(lines.length, each.told === undefined ? 0 : 1, said);
        for (const line of lines) {
          t.match(line, each.told ?? '');
          t.match(line, `npm ls ${API}`);
        }
      }
    });

for (const version of NODES)
  t.test(`Node ${version}: an app itself has a newer one`, async (t) => {
    const node = await nodeBinary(version);
    const folder = await putApp(t.testdir(), { what: '', app: newer, main: '', spans: ['app'] });
    const registered = await promisify(execFile)(node, ['--no-warnings', '--import', REGISTER, 'main.js'], {
      cwd: folder,
      env: callerEnv(),
    });
    t.match(registered.stderr, `Tracing is off: this service has ${API} ${newer}, ${LINE()}, `);
    const run = start(t, ['--', node, 'main.js'], beside, { OTEL_TRACES_EXPORTER: '' }, folder);
    t.equal(await run.ended, 0, run.said.err);
    t.match(run.said.err, verdictOn('1 trace'), '`run` takes the newer one for itself');
    t.notMatch(run.said.err, API);
  });

t.test(
  'where something else has registered an older one before, `run` says why it traces nothing',
  async (t) => {
    const folder = await putApp(t.testdir(), { what: '', app: older, main: '', spans: [] });
    await writeFile(
      join(folder, 'before.cjs'),
      `require('${API}').diag.setLogger({ error() {}, warn() {}, info() {}, debug() {}, verbose() {} });`,
    );
    const command = `NODE_OPTIONS="--require ./before.cjs $NODE_OPTIONS" "${process.execPath}" main.js`;
    const run = start(t, ['--', 'sh', '-c', command], beside, { OTEL_TRACES_EXPORTER: '' }, folder);
    t.equal(await run.ended, 0, run.said.err);
    t.match(run.said.err, `main.js was not traced: this service has ${API} ${older}, ${LINE()}, `);
    t.notMatch(run.said.err, /^\d+ traces?/m, 'this line says all');
  },
);
