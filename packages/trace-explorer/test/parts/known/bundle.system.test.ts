import { mkdirSync, readFileSync, realpathSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { BuildOptions } from 'esbuild';
import { build } from 'esbuild';
import t from 'tap';
import { IS_NIGHT } from '../../../../../test/helpers/nightly.ts';
import { runCli } from '../../core/command/run-cli.ts';
import { runsIn } from '../../core/command/run-command.ts';
import { sharedFiles } from '../../core/command/shared-files.ts';

// Each command is a process.
// At night too: with each kind of bundle, with packages in it, and with a map in its text.
t.setTimeout(300_000);
const FASTIFY = realpathSync(dirname(fileURLToPath(import.meta.resolve('fastify'))));

/** What differs in a version of the shop. */
interface Version {
  readonly above?: string;
  readonly called?: string;
  readonly variable?: string;
  readonly member?: string;
  readonly parameter?: string;
  readonly statement?: string;
}

/** A shop with an N+1, calls one by one and two errors, which asks itself. */
const shopOf = ({
  above = '',
  called = 'listOrders',
  variable = 'order',
  member = 'sku',
  parameter = ':id',
  statement = 'select name, nap() from items where id = ?',
}: Version) => `${above}import Fastify from 'fastify';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as sleep } from 'node:timers/promises';
const db = new DatabaseSync(':memory:');
const shared = new Int32Array(new SharedArrayBuffer(4));
db.function('nap', () => Atomics.wait(shared, 0, 0, 4).length);
db.exec('create table items (id integer, name text); insert into items values (1, 1)');
const app = Fastify();
async function ${called}() {
  const statement = db.prepare('${statement}');
  return Array.from({ length: 15 }, () => statement.get(1));
}
async function skuOf() {
  const ${variable} = undefined;
  return ${variable}.${member};
}
async function totalOf() {
  const ${variable} = { total: 7 };
  return ${variable}.total();
}
app.get('/orders', ${called});
app.get('/orders/${parameter}/sku', skuOf);
app.get('/orders/${parameter}/total', totalOf);
app.get('/slow', async () => {
  await sleep(60);
  return {};
});
app.listen({ port: 0 }).then(async (url) => {
  app.hasUrl = url;
  for (let i = 0; i < 3; i++)
    for (const path of ['/orders', '/orders/7/sku', '/orders/7/total', '/checkout'])
      await (await fetch(url + path)).text();
  await app.close();
});
app.get('/checkout', async () => {
  for (let i = 0; i < 3; i++) await (await fetch(app.hasUrl + '/slow?n=' + i)).text();
  return {};
});
`;
const V1 = shopOf({});
/** Moved and renamed. */
const V2 = shopOf({ above: '// a comment\n\n// another\n', called: 'ordersOf', variable: 'purchase' });
/** Another member and another statement; a renamed parameter is no other problem. */
const V3 = shopOf({
  member: 'price',
  parameter: ':orderId',
  statement: 'SELECT nap(), name FROM items WHERE id = ?',
});

const work = t.testdir({
  '.git': {},
  packages: { shop: { 'package.json': '{"name":"shop","type":"module"}', src: {} } },
  node_modules: { fastify: t.fixture('symlink', FASTIFY) },
});
const shop = join(work, 'packages/shop');
const source = join(shop, 'src/app.js');
const { start, startExplorer } = runsIn(work);
const { beside } = await startExplorer(t);
const HOME = { OTEL_TRACES_EXPORTER: '', OTEL_LOGS_EXPORTER: '', XDG_DATA_HOME: join(work, 'home') };

const withFiles = sharedFiles(t);
const began = process.cwd();
/** A command about a saved run, in the repository. */
const ask = (name: string, ...args: readonly string[]) => {
  process.chdir(work);
  return runCli(name, args, undefined, { withFiles }).finally(() => process.chdir(began));
};
let runs = 0;

/** Runs a version, as it is or as a build made it. @returns what the gate says of it */
async function gateOf(version: string, options?: BuildOptions, ...flags: readonly string[]) {
  mkdirSync(dirname(source), { recursive: true });
  writeFileSync(source, version);
  const outfile = join(shop, options?.format === 'cjs' ? 'dist/app.cjs' : 'dist/app.mjs');
  if (options !== undefined)
    await build({
      ...{ entryPoints: [source], outfile, bundle: true, platform: 'node', logLevel: 'silent' },
      ...options,
    });
  const saved = join(work, `run-${++runs}.gz`);
  const file = options === undefined ? source : outfile;
  const args = ['--save', saved, '--', process.execPath, ...flags, file];
  const { ended, said } = start(t, args, beside, HOME, shop);
  t.equal(await ended, 0, said.err);
  const { code, error } = await ask('report', saved, '--fail-on', 'unknown-causes');
  return { code, err: error, saved };
}

t.test('what was accepted of the sources is known of their bundle, and nothing else is', async (t) => {
  const { saved, err } = await gateOf(V1);
  t.match(err, /^4 problems not in tandem-known\.json:$/m);
  const why = ['--by', 'orders team', '--why', 'old'];
  const added = await ask('known', 'add', 'all', '--run', saved, ...why);
  t.equal(added.code, 0, added.error);
  const { known } = JSON.parse(readFileSync(join(work, 'tandem-known.json'), 'utf8'));
  t.same([...new Set(known.map(({ file }: { file: string }) => file))], ['packages/shop/src/app.js']);
  // Fastify stays a package, or goes into the bundle. Short names are another name for each variable and function.
  const external: BuildOptions = { sourcemap: true, packages: 'external', minify: true };
  const whole: BuildOptions = { sourcemap: true, minify: true, keepNames: true };
  for (const [name, options] of Object.entries<BuildOptions>({
    ESM: { ...external, format: 'esm' },
    CommonJS: { ...external, format: 'cjs' },
    ...(IS_NIGHT && {
      'CommonJS with its packages': { ...whole, format: 'cjs' },
      'a map in the text': { ...external, format: 'esm', sourcemap: 'inline' },
    }),
  })) {
    // By day one kind of bundle is moved, and the other one changed.
    if (IS_NIGHT || name === 'ESM') {
      const moved = await gateOf(V2, options, '--enable-source-maps');
      t.equal(moved.code, 0, `${name}: ${moved.err}`);
    }
    if (!IS_NIGHT && name === 'ESM') continue;
    const changed = await gateOf(V3, options, '--enable-source-maps');
    t.equal(changed.code, 1, name);
    t.match(changed.err, /^2 problems not in tandem-known\.json:$/m, name);
    t.match(changed.err, /\n {2}SELECT items .*\(src\/app\.js:11\)\n/, name);
    t.match(changed.err, /\n {2}.*reading 'price'\) \(src\/app\.js:15\)\n/, name);
    t.notMatch(changed.err, /total|slow/, name);
  }
});
