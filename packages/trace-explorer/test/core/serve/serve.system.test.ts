import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Test } from 'tap';
import t from 'tap';
import { until } from '../../../../../test/helpers/until.ts';
import { runCli } from '../command/run-cli.ts';

const MAIN = fileURLToPath(import.meta.resolve('../../../start.js'));
/** The sources, whose modules lie in their packages: in a build they are parts of its files. */
const SOURCE = fileURLToPath(import.meta.resolve('../../../src/main.ts'));
const FREE_PORTS = ['--port', '0', '--otlp-port', '0', '--grpc-port', 'off'];

function start(t: Test, args: readonly string[], env: Readonly<Record<string, string>> = {}, main = MAIN) {
  const { PATH, NODE_COMPILE_CACHE } = process.env;
  const child = spawn(process.execPath, [main, ...args], { env: { PATH, NODE_COMPILE_CACHE, ...env } });
  t.teardown(() => child.kill('SIGKILL'));
  const said = { out: '', err: '' };
  child.stdout.on('data', (chunk) => (said.out += chunk));
  child.stderr.on('data', (chunk) => (said.err += chunk));
  return { child, said, ended: once(child, 'close').then(([code]) => code as number | null) };
}

t.test('--version prints that of the package', async (t) => {
  const manifest = JSON.parse(readFileSync(new URL('../../../package.json', import.meta.url), 'utf8'));
  t.match(await runCli('--version', []), { code: 0, out: `${manifest.version}\n` });
});

t.test('a wrong flag names itself and the nearest one', async (t) => {
  for (const [flag, meant] of [
    ['--prot', '--port'],
    ['--datadir', '--data-dir'],
    ['--otlp-prot', '--otlp-port'],
  ] as const) {
    const error = `Unknown option '${flag}'. Did you mean ${meant}?\n`;
    t.match(await runCli(flag, ['x']), { code: 2, error });
  }
  t.match(await runCli('--colour', []), { code: 2, error: /^Unknown option '--colour'\.\n/ });
});

/** Loaded before the command: tells of each module of a package from elsewhere. */
const tellModules = `data:text/javascript,${encodeURIComponent(`
  import { registerHooks } from 'node:module';
  registerHooks({
    load(url, context, next) {
      if (url.includes('/node_modules/')) process.stderr.write('loads ' + url + '\\n');
      return next(url, context);
    },
  });
`)}`;

t.test(
  'a command that only prints, or asks an explorer that runs, loads nothing of the explorer',
  async (t) => {
    const nobody = ['--url', 'http://127.0.0.1:1'];
    for (const args of [
      ['--help'],
      ['--version'],
      ['import', '--help'],
      ['trace', ...nobody],
      ['logs', ...nobody],
    ]) {
      const { said, ended } = start(t, args, { NODE_OPTIONS: `--import=${tellModules}` }, SOURCE);
      await ended;
      t.notMatch(said.err, 'loads ', args.join(' '));
    }
    const { said, ended } = start(t, ['--port', 'none'], { NODE_OPTIONS: `--import=${tellModules}` }, SOURCE);
    await ended;
    t.match(said.err, 'loads ', 'the look above would find it');
  },
);

t.test('an explorer that others reach without a token warns, and names the address', async (t) => {
  const folder = t.testdir();
  const warned = async (args: readonly string[], env = {}) => {
    const { child, said, ended } = start(t, [...FREE_PORTS, '--data-dir', folder, ...args], env);
    await until(() => said.out.includes('dotnet run'), { what: () => said.err });
    child.kill();
    await ended;
    return said.err;
  };
  const warning = await warned(['--host', '0.0.0.0']);
  t.match(
    warning,
    /^Warning: it listens on 0\.0\.0\.0 without a token, so anybody who reaches port \d+ reads and /,
  );
  t.equal(await warned(['--host', '0.0.0.0'], { EXPLORER_TOKEN: 'a-token-of-24-characters' }), '');
});
