import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import t from 'tap';

const SERVICES = ['activities-api', 'user-lookup'];
const run = promisify(execFile);

/** URLs of all modules that a service loads until it listens. */
async function modulesOf(service: string, env: Record<string, string>): Promise<string[]> {
  const dataFolder = mkdtempSync(join(tmpdir(), 'tandem-production-'));
  const script = `
    import { registerHooks } from 'node:module';
    const urls = [];
    registerHooks({
      load(url, context, next) {
        urls.push(url);
        return next(url, context);
      },
    });
    await import('./src/main.ts');
    process.stdout.write(JSON.stringify(urls), () => process.exit());
  `;
  const { PATH = '', NODE_COMPILE_CACHE = '' } = process.env;
  const { stdout } = await run(process.execPath, ['--input-type=module', '--eval', script], {
    cwd: join(import.meta.dirname, '..', '..', service),
    env: {
      PATH,
      NODE_COMPILE_CACHE,
      PORT: '0',
      DATA_DIR: dataFolder,
      OTEL_TRACES_EXPORTER: 'none',
      LOG_LEVEL: 'silent',
      ...env,
    },
    maxBuffer: 16 * 1024 * 1024, // bytes
  });
  rmSync(dataFolder, { recursive: true });
  return JSON.parse(stdout.slice(stdout.indexOf('["')));
}

const FAULTS = /(service-kit|activities-api|user-lookup)\/.*fault/;

for (const service of SERVICES) {
  t.test(`${service}: production loads no module of faults, FAULT_INJECTION does`, async (t) => {
    const [inProduction, withFaults] = await Promise.all([
      modulesOf(service, {}),
      modulesOf(service, { FAULT_INJECTION: 'true' }),
    ]);
    t.ok(inProduction.some((url) => url.endsWith(`${service}/src/main.ts`)));
    t.same(
      inProduction.filter((url) => FAULTS.test(url)),
      [],
    );
    t.ok(withFaults.some((url) => FAULTS.test(url)));
  });
}
