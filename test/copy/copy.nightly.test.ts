import { execFile, execFileSync, spawnSync } from 'node:child_process';
import { appendFileSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import type { Test } from 'tap';
import t from 'tap';
import { updatePair } from '../../scripts/lib/copy/update-pair.ts';
import { nodeBinary } from '../helpers/npm.ts';
import { freePort, ROOT, startNode, untilOutput } from '../helpers/processes.ts';
import { until } from '../helpers/until.ts';

/** Installations, the copy's own gate twice, and a build of the packages. */
const LIMIT_MS = 1_800_000;
t.setTimeout(LIMIT_MS);

const run = promisify(execFile);

// Outside of this repository: its packages must not be found.
const work = mkdtempSync(join(tmpdir(), 'tandem-copy-'));
t.teardown(() => rmSync(work, { recursive: true, force: true }));

const env = {
  ...process.env,
  PATH: `${dirname(process.execPath)}${delimiter}${process.env.PATH}`,
  npm_config_audit: 'false',
  npm_config_fund: 'false',
};

/** Runs a command in a folder. @throws Error with the command's output */
async function inFolder(cwd: string, command: string, ...args: string[]): Promise<string> {
  try {
    return (await run(command, args, { cwd, env, maxBuffer: 64 * 1024 * 1024 })).stdout;
  } catch (error) {
    const { stdout = '', stderr = '' } = Object(error);
    throw new Error(`${command} ${args.join(' ')}:\n${stdout}${stderr}`);
  }
}

/** The commands of a block of docs/copy.md. */
function commandsOf(block: number): string[] {
  const page = readFileSync(join(ROOT, 'docs', 'copy.md'), 'utf8');
  const [, commands = ''] = Array.from(page.matchAll(/```sh\n(.*?)```/gs))[block] ?? [];
  return commands.trim().split('\n');
}

/** Runs `dev` of a copy, asks one of its services, and returns how many spans each service has in the trace. */
async function spansOf(t: Test, folder: string, services: readonly string[], url: string) {
  const [page, otlp, grpc] = [await freePort(), await freePort(), await freePort()];
  const ports: Record<string, number> = {};
  for (const name of services) ports[name] = await freePort();
  const urls = Object.entries(ports).map(([name, port]) => [
    `${name.toUpperCase().replaceAll('-', '_')}_URL`,
    `http://localhost:${port}`,
  ]);
  const dev = startNode(folder, ['scripts/dev.ts'], {
    ...Object.fromEntries(urls),
    EXPLORER_URL: `http://localhost:${page}`,
    OTLP_PORT: String(otlp),
    OTLP_GRPC_PORT: String(grpc),
    DATA_DIR: t.testdir(),
  });
  t.teardown(() => dev.stop());
  await untilOutput(dev, 'All runs.');
  const [, name = '', path = ''] = /^([^/]+)(\/.*)$/.exec(url) ?? [];
  const response = await fetch(`http://localhost:${ports[name]}${path}`);
  t.equal(response.status, 200, dev.output());
  const [, traceId] = response.headers.get('traceresponse')?.split('-') ?? [];
  const read = async () => {
    const answer = await fetch(`http://localhost:${page}/api/traces/${traceId}/outline`);
    const { services: found = [] } = (await answer.json()) as {
      services?: { name: string; spans: number }[];
    };
    return found.length > 1 && found.map(({ name, spans }) => `${name} ${spans}`).toSorted();
  };
  return until(read, { what: dev.output });
}

const folder = join(work, 'my-pair');

t.test('npm: a copied pair passes its own gate, and a third service is in the trace', async (t) => {
  const [copy = '', , ...commands] = commandsOf(0);
  t.equal(copy, 'node tandem copy ../my-pair --scope @acme');
  t.strictSame(commands, ['npm install', 'npm test', 'npm run dev']);
  await inFolder(ROOT, process.execPath, 'scripts/copy.ts', folder, '--scope', '@acme');
  await inFolder(folder, 'npm', 'install');
  await inFolder(folder, 'npm', 'run', 'lint');
  await inFolder(folder, 'npm', 'run', 'typecheck');
  t.match(await inFolder(folder, 'npm', 'test'), /^# \{ total: \d+, pass: \d+(?:, skip: \d+)? \}$/m);

  await inFolder(folder, 'npm', 'run', 'new-service', '--', 'billing', '4570');
  await inFolder(folder, 'npm', 'install');
  await inFolder(folder, 'npm', 'run', 'lint');
  await inFolder(folder, 'npm', 'run', 'typecheck');
  await inFolder(folder, 'npx', 'tap', 'services/billing/test/**/*.test.ts');
  const services = ['activities-api', 'billing', 'user-lookup'];
  t.strictSame(await spansOf(t, folder, services, 'billing/api/notes/bayko'), ['billing 3', 'user-lookup 2']);
});

t.test('an older Node hears which one the project needs', async (t) => {
  const node = await nodeBinary('20.20.2');
  const { scripts } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  for (const [name, script] of Object.entries<string>(scripts)) {
    if (!/^(?:dev|start|pretest|new-service)$/.test(name)) continue;
    const { status, stderr } = spawnSync(node, script.split(' ').slice(1), { cwd: folder, encoding: 'utf8' });
    t.equal(status, 1, name);
    t.match(stderr, /^This is Node 20\.20\.2\. The project needs Node 24 or newer.*\n$/, name);
  }
});

t.test('an update brings a mend to a copy whose files were edited', async (t) => {
  t.strictSame(commandsOf(1), ['node tandem copy --update ../my-pair']);
  const own = (path: string) => join(folder, path);
  const kit = 'packages/service-kit/src';
  const [untouched, merged, both] = ['server/health.ts', 'server/deadline.ts', 'process/logger.ts'].map(
    (name) => `${kit}/${name}`,
  ) as [string, string, string];
  const edited = 'services/activities-api/src/app.ts';

  // A repository with a mend, beside this one.
  const mended = join(work, 'mended');
  execFileSync('git', ['clone', '--quiet', '--shared', ROOT, mended]);
  const inFront = (path: string, line: string) =>
    writeFileSync(path, `${line}\n${readFileSync(path, 'utf8')}`);
  for (const path of [untouched, merged]) appendFileSync(join(mended, path), '\n// mended\n');
  inFront(join(mended, both), '// theirs');
  const identity = ['-c', 'user.name=test', '-c', 'user.email=test@example.com'];
  execFileSync('git', [...identity, 'commit', '--quiet', '--all', '--message', 'A mend'], { cwd: mended });

  inFront(own(merged), '// ours');
  inFront(own(both), '// ours');
  appendFileSync(own(edited), '\n// ours\n');
  const said = await updatePair(mended, folder);

  t.match(readFileSync(own(untouched), 'utf8'), /\/\/ mended\n$/);
  t.match(readFileSync(own(merged), 'utf8'), /^\/\/ ours\n.*\/\/ mended\n$/s);
  t.match(readFileSync(own(edited), 'utf8'), /\/\/ ours\n$/);
  t.match(readFileSync(own(both), 'utf8'), /^\/\/ ours\n(?!\/\/ theirs)/);
  t.match(readFileSync(own('tandem-update.patch'), 'utf8'), `+// theirs`);
  t.match(
    said,
    new RegExp(`Taken over:\n  ${untouched}\nMerged with your changes:\n  ${merged}\nLeft .*\n  ${both}\n`),
  );
  t.ok(existsSync(own('services/billing')), 'the own service stays');
  await inFolder(folder, 'npm', 'install');
  await inFolder(folder, 'npm', 'run', 'typecheck');
});

t.test('pnpm: a copied pair passes its own gate', async () => {
  const other = join(work, 'other');
  await inFolder(ROOT, process.execPath, 'scripts/copy.ts', other);
  const pnpm = (...args: string[]) => inFolder(other, 'npx', '--yes', 'pnpm@10.34.9', ...args);
  await pnpm('install');
  await pnpm('lint');
  await pnpm('typecheck');
  await pnpm('test');
});
