import { execFile, spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import t from 'tap';
import { until } from '../../../../../../test/helpers/until.ts';

const MAIN = fileURLToPath(import.meta.resolve('../../../../start.js'));
const exec = promisify(execFile);

// Each of the steps is three processes, one of them traced.
t.setTimeout(600_000);

const COMMITS = 16;
/** Counted from 1. The first calls the other route once per item; the others do not start. */
const PLANTED = 11;
const BROKEN = [4, 13];

/** An app that answers one request to itself. */
const appOf = (commit: number) => `
  import Fastify from '${import.meta.resolve('fastify')}';
  // ${commit}
  ${BROKEN.includes(commit) ? "throw new Error('does not start');" : ''}
  const app = Fastify();
  app.get('/items/:item', async () => 'an item');
  app.get('/list', async () => {
    for (let item = 0; item < ${commit < PLANTED ? 1 : 12}; item++) await (await fetch(url + '/items/' + item)).text();
  });
  const url = await app.listen({ port: 0, host: '127.0.0.1' });
  await (await fetch(url + '/list')).text();
  await app.close();
`;

t.test('git bisect run names the commit that brought an N+1, past commits that do not start', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'bisect-'));
  t.teardown(() => rm(folder, { recursive: true, force: true }));
  const { PATH, NODE_COMPILE_CACHE } = process.env;
  const env = { PATH, NODE_COMPILE_CACHE, HOME: folder };
  const git = async (...args: string[]) =>
    (await exec('git', ['-c', 'user.name=a', '-c', 'user.email=a@b.c', ...args], { cwd: folder, env }))
      .stdout;

  const options = [
    '--port',
    '0',
    '--otlp-port',
    '0',
    '--grpc-port',
    'off',
    '--data-dir',
    join(folder, '.data'),
  ];
  const explorer = spawn(process.execPath, [MAIN, ...options], { env });
  t.teardown(() => explorer.kill('SIGKILL'));
  let said = '';
  explorer.stdout.on('data', (chunk) => (said += chunk));
  const url = await until(() => /Page +(http:\S+)/.exec(said)?.[1], { what: () => said, limitMs: 60_000 });

  const check = join(folder, '.check.json');
  const trigger = { name: 'N+1', finding: 'repeated-call', threshold: { op: '>', value: 0 } };
  await writeFile(check, JSON.stringify(trigger));
  await writeFile(
    join(folder, '.bisect.sh'),
    `explorer() { "${process.execPath}" "${MAIN}" "$@"; }
curl --silent --request DELETE "${url}/api/traces?all=true"
explorer run --port ${new URL(url).port} -- "${process.execPath}" app.mjs
explorer check --bisect --url ${url} "${check}"
`,
  );
  await git('init', '--quiet');
  await writeFile(join(folder, '.gitignore'), '.*\n');
  const commits: string[] = [];
  for (let commit = 1; commit <= COMMITS; commit++) {
    await writeFile(join(folder, 'app.mjs'), appOf(commit));
    await git('add', 'app.mjs');
    await git('commit', '--quiet', '-m', `commit ${commit}`);
    commits.push((await git('rev-parse', 'HEAD')).trim());
  }
  await git('bisect', 'start', 'HEAD', commits[0] ?? '');
  const found = await git('bisect', 'run', 'sh', '.bisect.sh');
  t.match(found, `${commits[PLANTED - 1]} is the first bad commit`, found);
});
