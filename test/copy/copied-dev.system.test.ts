import { once } from 'node:events';
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  realpathSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Test } from 'tap';
import t from 'tap';
import { freePort, ROOT, startNode, untilOutput } from '../helpers/processes.ts';
import { refuses } from '../helpers/refuses.ts';
import { until } from '../helpers/until.ts';

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
    if (request.url === '/end') process.exit(7);
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

write('package.json', JSON.stringify({ type: 'module' }));
symlinkSync(realpathSync(join(ROOT, 'node_modules/chokidar')), join(project, 'node_modules/chokidar'));

/** `dev` on ports of its own. */
async function startDev(t: Test, args: readonly string[], isGroup = false, env = {}) {
  const [page, billing] = [await freePort(), await freePort()];
  const urls = { EXPLORER_URL: `http://localhost:${page}`, BILLING_URL: `http://localhost:${billing}` };
  const dev = startNode(project, args, { ...urls, ...env }, isGroup);
  const closed = once(dev.child, 'close'); // when no process has its output any more
  t.teardown(() => dev.stop());
  return { dev, closed, ports: [page, billing], billing: urls.BILLING_URL };
}

for (const { signal, script = 'scripts/dev.ts', isGroup = false } of [
  { signal: 'SIGTERM' },
  { signal: 'SIGINT', isGroup: true },
  { signal: 'SIGKILL' },
  { signal: 'SIGTERM', script: 'pnpm.cjs' },
  { signal: 'SIGTERM', script: 'npx.cjs' },
  { signal: 'SIGKILL', script: 'npx.cjs' },
] as const)
  t.test(`${signal} to ${script}${isGroup ? ' and its group' : ''} ends all`, async (t) => {
    write(service, server('process.env.PORT'));
    const { dev, closed, ports } = await startDev(t, [script], isGroup);
    await untilOutput(dev, 'All runs.');
    await untilOutput(dev, 'billing  │ ');
    t.notMatch(
      dev.output(),
      /asked for (?!\/health\/ready)/,
      'the probe is none of the paths that have a span',
    );
    t.match(dev.output(), /^explorer │ asked for .*\nbilling {2}│ /ms, 'each line has a name in front');
    if (isGroup) process.kill(-(dev.child.pid ?? 0), signal);
    else dev.child.kill(signal);
    await closed;
    // Nothing waits for the parts of a process that was killed.
    for (const port of ports) await until(() => refuses(port), { what: () => `port ${port} is free` });
  });

t.test('a service that cannot start ends all, and the message says which', async (t) => {
  write(service, "require('not-there');");
  const { dev, ports } = await startDev(t, ['scripts/dev.ts']);
  t.equal(await dev.exited, 1);
  t.match(dev.output(), /billing {2}│ .*not-there/);
  t.match(dev.output(), 'billing could not start; its last lines above say why.');
  for (const port of ports) t.ok(await refuses(port), `port ${port} is free`);
});

t.test(
  'a service starts again when git replaces a file, also of the kit, and when it has ended',
  async (t) => {
    write(service, server('process.env.PORT'));
    write('packages/service-kit/src/a.ts', '1');
    const { dev, billing } = await startDev(t, ['scripts/dev.ts']);
    await untilOutput(dev, 'All runs.');
    const readyAgain = (times: number) =>
      until(() => dev.output().split('ready again').length === times + 1, { what: dev.output });
    for (const [index, path] of [service, 'packages/service-kit/src/a.ts'].entries()) {
      write(`${path}~`, server('process.env.PORT'));
      renameSync(join(project, `${path}~`), join(project, path)); // as a checkout does
      await readyAgain(index + 1);
    }
    await fetch(`${billing}/end`).catch(() => {});
    await readyAgain(3);
    t.match(dev.output(), /ended \(exit code 7\): starting again/);
  },
);

t.test('a service that ends without a watch ends all, with its exit code', async (t) => {
  write(service, server('process.env.PORT'));
  const { dev, billing } = await startDev(t, ['scripts/dev.ts', '--no-watch']);
  await untilOutput(dev, 'All runs.');
  await fetch(`${billing}/end`).catch(() => {});
  t.equal(await dev.exited, 7);
  t.match(dev.output(), 'billing ended (exit code 7), and all end with it.');
});

t.test('an explorer with a token gets it from the services', async (t) => {
  const tell = "console.log('sends ' + process.env.OTEL_EXPORTER_OTLP_HEADERS);";
  write(service, tell + server('process.env.PORT'));
  const { dev } = await startDev(t, ['scripts/dev.ts'], false, { EXPLORER_TOKEN: 'a-token-of-sixteen' });
  await untilOutput(dev, 'All runs.');
  t.match(dev.output(), 'sends authorization=Bearer%20a-token-of-sixteen');
});
