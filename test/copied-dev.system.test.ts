import { once } from 'node:events';
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import t from 'tap';
import { freePort, ROOT, startNode, untilOutput } from './helpers/processes.ts';
import { refuses } from './helpers/refuses.ts';
import { until } from './helpers/until.ts';

// A project as small as `dev` of a copied pair takes: an explorer and one service, which listen and say what they hear.
const project = mkdtempSync(join(tmpdir(), 'tandem-copied-dev-'));
t.teardown(() => rmSync(project, { recursive: true, force: true }));
cpSync(join(ROOT, 'templates/pair/scripts'), join(project, 'scripts'), { recursive: true });
cpSync(join(ROOT, 'scripts/lib/processes'), join(project, 'scripts/lib/processes'), { recursive: true });
function write(path: string, text: string): void {
  mkdirSync(dirname(join(project, path)), { recursive: true });
  writeFileSync(join(project, path), text);
}
const server = (port: string) => `
  const server = require('node:http').createServer((request, response) => {
    console.log('asked for ' + request.url);
    response.end();
  });
  server.listen(${port});
  process.on('SIGTERM', () => process.exit());`;
const kit = 'node_modules/@tandem/service-kit';
const service = 'services/billing/src/main.ts';
write(
  'node_modules/@tandem/trace-explorer/trace-explorer.mjs',
  `import { createRequire } from 'node:module';
  const require = createRequire(import.meta.url);
  const port = process.argv[process.argv.indexOf('--port') + 1];${server('port')}`,
);
write(
  `${kit}/package.json`,
  JSON.stringify({ type: 'commonjs', exports: { './register': './register.js' } }),
);
write(`${kit}/register.js`, '');
write('services/billing/package.json', JSON.stringify({ type: 'commonjs', config: { port: 4570 } }));
// As `npx pnpm dev`: each launcher ends at SIGTERM, and tells nobody.
write(
  'pnpm.cjs',
  "require('node:child_process').spawn(process.execPath, ['scripts/dev.ts'], { stdio: 'inherit' });",
);
write(
  'npx.cjs',
  "require('node:child_process').spawn('sh', ['-c', process.execPath + ' pnpm.cjs; exit'], { stdio: 'inherit' });",
);

for (const { signal, script = 'scripts/dev.ts', starts = true, isGroup = false } of [
  { signal: 'SIGTERM' },
  { signal: 'SIGINT', isGroup: true },
  { signal: 'SIGTERM', script: 'pnpm.cjs' },
  { signal: 'SIGTERM', script: 'npx.cjs' },
  { signal: 'SIGKILL', script: 'npx.cjs' },
  { signal: 'SIGTERM', starts: false },
  { signal: 'SIGINT', starts: false, isGroup: true },
] as const)
  t.test(`${signal} to ${script}, whose service ${starts ? 'runs' : 'cannot start'}, ends all`, async (t) => {
    write(service, starts ? server('process.env.PORT') : "require('not-there');");
    const [page, billing] = [await freePort(), await freePort()];
    const urls = { FRONTEND_URL: `http://localhost:${page}`, BILLING_URL: `http://localhost:${billing}` };
    const dev = startNode(project, [script], urls, isGroup);
    const closed = once(dev.child, 'close'); // when no process has its output any more
    t.teardown(() => dev.stop());
    await untilOutput(dev, starts ? 'All runs.' : 'Failed running');
    await until(async () => !(await refuses(page)), { what: dev.output });
    t.notMatch(
      dev.output(),
      /asked for (?!\/health\/ready)/,
      'the probe is none of the paths that have a span',
    );
    if (isGroup) process.kill(-(dev.child.pid ?? 0), signal);
    else dev.child.kill(signal);
    await closed;
    for (const port of [page, billing]) t.ok(await refuses(port), `port ${port} is free`);
  });

t.test('a service that ends without --watch ends all, with its exit code', async (t) => {
  write(service, 'process.exit(7)');
  const dev = startNode(project, ['scripts/dev.ts', '--no-watch'], {
    FRONTEND_URL: `http://localhost:${await freePort()}`,
  });
  t.equal(await dev.exited, 7);
  t.match(dev.output(), 'billing ended; all ends with it.');
});
