import { existsSync, readFileSync, realpathSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import t from 'tap';
import { command } from '../../core/command/planted.ts';
import { runsIn } from '../../core/command/run-command.ts';

// Each command is a process.
t.setTimeout(300_000);
const FASTIFY = realpathSync(dirname(fileURLToPath(import.meta.resolve('fastify'))));

/** A shop that asks itself, and ends with an exit code of its own. */
const SHOP = `
  const app = require('fastify')();
  app.get('/orders/:id/sku', async () => { const order = undefined; return order.sku; });
  app.listen({ port: 0 }).then(async (url) => {
    for (let i = 0; i < 3; i++) await (await fetch(url + '/orders/' + i + '/sku')).text();
    await app.close();
    process.exitCode = 3;
  });
`;
const work = t.testdir({
  '.git': {},
  'package.json': '{"name":"shops","workspaces":["packages/*"]}',
  packages: { shop: { 'package.json': '{"name":"shop"}', 'shop.cjs': SHOP } },
  node_modules: { fastify: t.fixture('symlink', FASTIFY) },
});
const shop = join(work, 'packages/shop');
const known = join(work, 'tandem-known.json');
const { start, startExplorer } = runsIn(work);
const { port, beside } = await startExplorer(t);
const HOME = { OTEL_TRACES_EXPORTER: '', OTEL_LOGS_EXPORTER: '', XDG_DATA_HOME: join(work, 'home') };

async function run(...options: readonly string[]) {
  return runFrom(shop, 'shop.cjs', ...options);
}

async function runFrom(folder: string, file: string, ...options: readonly string[]) {
  const { ended, said } = start(t, ['--', process.execPath, file], [...beside, ...options], HOME, folder);
  return { code: await ended, ...said };
}

t.test('a run says what is known in one line, also where it began in a package', async (t) => {
  const saved = join(work, 'run.gz');
  const before = await run('--save', saved);
  t.match(before, { code: 3, err: /reading 'sku'/ });
  t.notMatch(before.err, /known problem/);
  const added = await command(
    t,
    work,
    ['known', 'add', 'all', '--run', saved, '--by', 'a', '--why', 'b'],
    HOME,
  );
  t.equal(added.code, 0, added.err);
  t.match(JSON.parse(readFileSync(known, 'utf8')).known, [
    { route: 'GET /orders/:/sku', file: 'packages/shop/shop.cjs', message: /\(reading 'sku'\)$/ },
  ]);
  const json = join(work, 'run.json');
  const after = await run('--json', json);
  t.match(after, { code: 3, err: /\n {2}1 known problem \(.*tandem-known\.json\)\n/ });
  t.notMatch(after.err, /reading 'sku'/);
  t.match(JSON.parse(readFileSync(json, 'utf8')).causes.at(-1), {
    rule: 'error',
    accepted: { by: 'a', why: 'b' },
  });
  t.match(await run('--known', 'none'), { code: 3, err: /reading 'sku'/ });
  const fromRoot = await runFrom(work, 'packages/shop/shop.cjs');
  t.match(fromRoot, { code: 3, err: /\n {2}1 known problem \(tandem-known\.json\)\n/ });
  t.notMatch(fromRoot.err, /reading 'sku'/, 'the service and the file are the same from the root');
  const gate = await command(
    t,
    shop,
    ['report', '--url', `http://localhost:${port}`, '--fail-on', 'unknown-causes'],
    HOME,
  );
  t.equal(gate.code, 0, `the last run, which the explorer has: ${gate.err}`);
});

t.test('a broken file hides nothing, and leaves the exit code of the command', async (t) => {
  writeFileSync(known, '{"version": 1,\n  "known": [');
  const { code, err } = await run();
  t.equal(code, 3);
  t.match(err, /reading 'sku'/);
  t.match(err, /\n.*tandem-known\.json:2: this is no JSON\. So no problem counts as known\.\n/);
  t.notOk(existsSync(join(shop, 'tandem-known.json')));
});
