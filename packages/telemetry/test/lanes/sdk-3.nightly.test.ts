import { execFile } from 'node:child_process';
import { cp, readdir, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import t from 'tap';
import { INSTALL_TIMEOUT_MS, npm } from '../../../../test/helpers/npm.ts';
import { ROOT } from '../../../../test/helpers/processes.ts';

/**
 * Conformance tests, which the gate runs with SDK 2.12 and API 1.9. Here they run with SDK 3 and API 1.10.
 * `sdk/span.test.ts` is not among them: it compares with the span of SDK 2, which counts attributes without a value
 * otherwise.
 */
const FILES = [
  'export/shutdown.system.test.ts',
  'fastify/context.test.ts',
  'logs/logs.test.ts',
  'sdk/tracers.test.ts',
  'context/propagator.test.ts',
  'context/trace-context.test.ts',
  'context/w3c-suite.test.ts',
  'export/create-delivery.system.test.ts',
  'wire/batch.test.ts',
  'export/outage.system.test.ts',
  'export/spool-faults.system.test.ts',
  'export/stalled-disk.system.test.ts',
  'export/too-large.system.test.ts',
  'opentelemetry/opentelemetry.test.ts',
  'sampling/sampling.test.ts',
  'fastify/outcome.test.ts',
  'fastify/server-span.test.ts',
  'http/clients.test.ts',
  'kysely/traced-dialect.test.ts',
  'testing/testing.test.ts',
  'testing/conventions/check-conventions.test.ts',
];

const PACKAGE = join(ROOT, 'packages', 'telemetry');
const run = promisify(execFile);
t.setTimeout(INSTALL_TIMEOUT_MS);

/**
 * A copy of this package whose @opentelemetry packages are those of `sdk-3/package.json`, and all others the
 * workspace's. A copy, because Node resolves from where a file really lies.
 */
async function makeLane(directory: string): Promise<string> {
  await cp(join(import.meta.dirname, 'sdk-3', 'package.json'), join(directory, 'package.json'));
  // propagator-jaeger has no release for API 1.10; its peer range ends before.
  await npm(directory, ['install', '--legacy-peer-deps']);
  const copy = join(directory, 'packages', 'telemetry');
  for (const part of ['package.json', 'src', 'test'])
    await cp(join(PACKAGE, part), join(copy, part), { recursive: true });
  await cp(join(ROOT, 'test', 'helpers'), join(directory, 'test', 'helpers'), { recursive: true });
  await cp(join(ROOT, 'scripts'), join(directory, 'scripts'), { recursive: true });
  for (const from of [join(PACKAGE, 'node_modules'), join(ROOT, 'node_modules')])
    await linkOthers(from, join(directory, 'node_modules'));
  return copy;
}

async function linkOthers(from: string, to: string): Promise<void> {
  const taken = new Set(await readdir(to));
  for (const name of await readdir(from)) {
    if (taken.has(name) || name.startsWith('.') || name === '@opentelemetry') continue;
    await symlink(join(from, name), join(to, name), 'junction');
  }
}

const directory = t.testdir();
const lane = await makeLane(directory);

t.test('the lane is SDK 3 with API 1.10', async (t) => {
  const script = `
    import { SDK_INFO } from './src/opentelemetry/sdk.ts';
    import { apiVersionOf } from './src/opentelemetry/api-versions.ts';
    console.log(SDK_INFO['telemetry.sdk.version'], apiVersionOf());
  `;
  const { stdout } = await run(process.execPath, ['--input-type=module', '--eval', script], { cwd: lane });
  t.equal(stdout.trim(), '3.1.1 1.10.0');
});

t.jobs = 2;
for (const file of FILES) {
  t.test(file, { buffered: true }, async (t) => {
    const { code, stdout } = await runFile(join('test', file));
    t.equal(
      code,
      0,
      stdout
        .split('\n')
        .filter((line) => /^\s*not ok|^\s+(?:diff|message|[-+])/.test(line))
        .join('\n'),
    );
    t.match(stdout, /^# \{ total: [1-9]|^1\.\.[1-9]/m, 'tests ran');
  });
}

async function runFile(file: string): Promise<{ code: number; stdout: string }> {
  try {
    const { stdout } = await run(process.execPath, [file], { cwd: lane, maxBuffer: 64 * 1024 * 1024 });
    return { code: 0, stdout };
  } catch (error) {
    const { code, stdout = '' } = error as { code?: number; stdout?: string };
    return { code: code ?? 1, stdout };
  }
}
