import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import t from 'tap';
import { freePort } from '../../../../../scripts/lib/free-port.ts';
import { startReceiver } from '../../receiver.ts';
import { CONFIGURATION_KEY, fakeHoneycomb } from './honeycomb/fake-honeycomb.ts';

const COMMAND = fileURLToPath(import.meta.resolve('../../../src/doctor-command.ts'));
const PACKAGE = join(import.meta.dirname, '..', '..', '..');

interface Run {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

function run(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
  cwd = PACKAGE,
): Promise<Run> {
  const { PATH = '', NODE_COMPILE_CACHE = '' } = process.env;
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      [COMMAND, ...args],
      { cwd, env: { PATH, NODE_COMPILE_CACHE, ...env } },
      (error, stdout, stderr) => resolve({ code: Number(error?.code ?? 0), stdout, stderr }),
    );
  });
}

t.test('in the folder of a service: settings, key, endpoint, and where one span arrived', async (t) => {
  const receiver = await startReceiver(t);
  const { code, stdout } = await run(['--json'], { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url });
  const { ok, findings } = JSON.parse(stdout);
  t.match([code, ok], [0, true], stdout);
  t.strictSame(
    findings.map(({ check }: { check: string }) => check),
    ['node', 'settings', 'honeycomb', 'endpoint', 'clock', 'self-test'],
  );
  t.match(receiver.spans(), [{ name: 'self-test', service: 'telemetry-doctor' }]);
});

t.test('without a listener, the problem and its cure are printed, and the exit code is 1', async (t) => {
  const { code, stdout } = await run([], {
    OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${await freePort()}`,
  });
  t.equal(code, 1);
  t.match(
    stdout,
    /^PROBLEM {2}endpoint .* no connection .*ECONNREFUSED.*\n +→ Is an OTLP\/HTTP receiver running there/m,
  );
  t.match(stdout, /\n1 problem, /, 'one cause, one finding');
});

t.test('a key that Honeycomb refuses is one problem', async (t) => {
  const honeycomb = await fakeHoneycomb();
  t.teardown(() => honeycomb.close());
  const { code, stdout } = await run([], {
    HONEYCOMB_API_KEY: CONFIGURATION_KEY,
    HONEYCOMB_API_ENDPOINT: honeycomb.url,
  });
  t.equal(code, 1);
  t.match(stdout, /^PROBLEM {2}honeycomb .* key refused \(401\)/m);
  t.match(stdout, /\n1 problem, /, stdout);
});

t.test('a key in the file of variables that counts for nothing is a problem, with what to do', async (t) => {
  const lines = [`HONEYCOMB_API_KEY=${CONFIGURATION_KEY}`, 'HONEYCOMB_API_KEY=', ''];
  const folder = t.testdir({ hidden: lines.join('\n'), glued: lines.join('\r') });
  const { code, stdout } = await run(['--env', join(folder, 'hidden')], { OTEL_SDK_DISABLED: 'true' });
  t.equal(code, 1);
  t.match(
    stdout,
    /^PROBLEM {2}honeycomb .* in line 1 of .*hidden, and a later, empty line.*\n +→ Delete line 2\.$/m,
  );
  const glued = await run(['--env', join(folder, 'glued')]);
  t.equal(glued.code, 1);
  t.match(glued.stderr, /glued has lines that end with a carriage return alone/);
  t.notMatch(stdout + glued.stdout + glued.stderr, CONFIGURATION_KEY);
});

t.test('a command whose reader has gone ends without a stack', async (t) => {
  const scripts = join(PACKAGE, '..', '..', 'scripts');
  for (const command of [COMMAND, join(scripts, 'doctor.ts'), join(scripts, 'honeycomb-check.ts')]) {
    const { PATH = '' } = process.env;
    const env = { PATH, OTEL_SDK_DISABLED: 'true' };
    const child = spawn(process.execPath, [command], {
      cwd: t.testdir(),
      env,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    child.stdout.destroy();
    let said = '';
    child.stderr.on('data', (text) => (said += text));
    await once(child, 'close');
    t.equal(said, '', command);
  }
});

t.test('wrong words and files are refused', async (t) => {
  t.match(await run(['--loud']), { code: 1, stderr: /--loud[\s\S]*npx --no -- telemetry-doctor/ });
  t.match(await run(['--env', 'none.env']), { code: 1, stderr: /no such file.*none\.env/ });
});

t.test('a library of the service that has no spans is a note', async (t) => {
  const folder = t.testdir({ 'package.json': JSON.stringify({ dependencies: { mongodb: '7', pg: '8' } }) });
  const { stdout } = await run(['--json'], { OTEL_SDK_DISABLED: 'true' }, folder);
  const { findings }: { findings: { check: string; what: string }[] } = JSON.parse(stdout);
  t.match(
    findings.filter(({ check }) => check === 'libraries'),
    [{ level: 'note', what: /^mongodb has no spans/ }],
  );
});
