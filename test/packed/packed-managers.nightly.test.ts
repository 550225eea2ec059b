import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import t from 'tap';
import { nothingWrong } from '../../packages/trace-explorer/test/core/command/run-command.ts';
import { packPackage } from '../../scripts/lib/pack-package.ts';
import { INSTALL_TIMEOUT_MS } from '../helpers/npm.ts';

/** Package managers, with the word that adds a package. */
const MANAGERS = [
  ['npm@10.9.4', 'install'],
  ['npm@11.6.2', 'install'],
  ['pnpm@10.34.9', 'add'],
  ['yarn@1.22.22', 'add'],
] as const;

const COMMAND = 'node_modules/@tandem/trace-explorer/trace-explorer.mjs';

/** An app that calls itself once, and prints what telemetry it was given. */
const CALLS_ITSELF = `
  import Fastify from 'fastify';
  const app = Fastify();
  app.get('/visits', async () => 'many');
  await fetch((await app.listen({ port: 0, host: '127.0.0.1' })) + '/visits');
  await app.close();
  console.log(process.env.TANDEM_RUN_TELEMETRY);
`;

t.setTimeout(MANAGERS.length * INSTALL_TIMEOUT_MS);
// Outside of the workspace, whose packages would be found from here.
const work = await mkdtemp(join(tmpdir(), 'packed-managers-'));
t.teardown(() => rm(work, { recursive: true, force: true }));
const explorer = await packPackage('trace-explorer', work);
const telemetry = await packPackage('telemetry', work);

for (const [manager, add] of MANAGERS)
  t.test(`${manager}: beside other majors of its dependencies it runs, and so does telemetry`, async (t) => {
    const folder = join(work, `app of ${manager}`);
    await mkdir(folder);
    await writeFile(join(folder, 'package.json'), '{"name":"app","version":"1.0.0","license":"MIT"}');
    await writeFile(join(folder, 'app.mjs'), CALLS_ITSELF);
    const install = (...packages: string[]) =>
      promisify(execFile)('npx', ['--yes', '--prefer-offline', manager, add, ...packages], {
        cwd: folder,
        // Yarn 1 keeps tarballs by name and version.
        env: { ...process.env, YARN_CACHE_FOLDER: join(work, 'yarn') },
      });
    const runApp = async (name: string) => {
      const own = ['--port', '0', '--otlp-port', '0', '--data-dir', join(work, `${manager} ${name}`)];
      const { PATH = '', NODE_COMPILE_CACHE = '' } = process.env;
      const command = [join(folder, COMMAND), 'run', ...own, '--', process.execPath, 'app.mjs'];
      return promisify(execFile)(process.execPath, command, {
        cwd: folder,
        env: { PATH, HOME: work, NODE_COMPILE_CACHE },
      });
    };
    await install('fastify@5', 'pino@9');
    await install(explorer);
    const alone = await runApp('alone');
    t.match(alone.stdout, /trace-explorer\/telemetry\/register/, "the explorer's own copy");
    t.match(alone.stderr, nothingWrong('1 request'));
    await install(telemetry);
    const both = await runApp('both');
    t.match(both.stdout, /@tandem(?:\/|%2B|\+)telemetry/, "the app's own");
    t.match(both.stderr, nothingWrong('1 request'));
    await install('fastify@4');
    t.match(await runApp('fastify 4'), { stderr: nothingWrong('1 request') }, 'its fetch is traced');
  });
