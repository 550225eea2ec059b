import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import t from 'tap';
import { parse } from 'yaml';
import { copyPair, filesIn } from '../../scripts/lib/copy/copy-pair.ts';
import { ROOT } from '../helpers/processes.ts';

const target = mkdtempSync(join(tmpdir(), 'tandem-copy-'));
t.teardown(() => rmSync(target, { recursive: true, force: true }));
const tarballs = { '@tandem/telemetry': 'telemetry.tgz', '@tandem/trace-explorer': 'explorer.tgz' };
await copyPair(ROOT, target, { name: 'our-pair', scope: '@acme' }, tarballs);
const files = await filesIn(target);
const read = (path: string) => readFileSync(join(target, path), 'utf8');
const sources = files.filter((path) => path.endsWith('.ts'));

t.test('a copied pair has the files of a project', async (t) => {
  for (const path of [
    '.dockerignore',
    '.editorconfig',
    '.env.example',
    '.github/workflows/ci.yml',
    '.github/workflows/report.yml',
    '.gitignore',
    '.nvmrc',
    '.taprc',
    'biome.json',
    'docker-compose.yml',
    'Dockerfile',
    'LICENSE',
    'pnpm-workspace.yaml',
    'tandem-known.json',
    'README.md',
    'services/activities-api/test/user-lookup/client.test.ts',
    'services/user-lookup/test/users/repository.test.ts',
    'test/one-trace.test.ts',
    'tsconfig.json',
  ])
    t.ok(files.includes(path), path);
  const decisions = files.filter((path) => path.startsWith('docs/adr/')).map((path) => path.slice(9, 13));
  t.strictSame(decisions, ['0001', '0002', '0006', '0008', '0009']);
  t.match(read('README.md'), '# our-pair\n');
});

/** The packages that a manifest names. */
function packagesOf(path: string): string[] {
  const { name, dependencies = {}, devDependencies = {} } = JSON.parse(read(path));
  return [name, ...Object.keys(dependencies), ...Object.keys(devDependencies)];
}

t.test(
  'each import of a copied pair leads to a file of it, or to a package that its manifest names',
  async (t) => {
    const ofRoot = packagesOf('package.json');
    for (const path of sources) {
      const [folder = ''] = /^(?:services|packages)\/[^/]+|^scripts\/new-service(?=\/)/.exec(path) ?? [];
      const known = folder === '' ? ofRoot : [...packagesOf(`${folder}/package.json`), ...ofRoot];
      for (const [, name = ''] of read(path).matchAll(/(?:from|import) '([^']+)'/g)) {
        if (name.startsWith('node:') || builtinModules.includes(name)) continue;
        const [packageName = ''] = /^(?:@[^/]+\/)?[^/]+/.exec(name) ?? [];
        const isOfTemplate = folder === 'scripts/new-service' && name.includes('user-lookup/');
        const isThere = name.startsWith('.')
          ? isOfTemplate || existsSync(resolve(target, dirname(path), name))
          : known.includes(packageName);
        t.ok(isThere, `${name} in ${path}`);
      }
    }
  },
);

t.test('manifests of a copied pair are for npm and for every shell', async (t) => {
  for (const path of files.filter((each) => each.endsWith('package.json'))) {
    const text = read(path);
    t.notMatch(text, /catalog:|workspace:|null/, path);
    for (const script of Object.values(JSON.parse(text).scripts ?? {}))
      t.notMatch(script, /^\w+=|&&|;|\$/, `${path}: ${script}`);
  }
  t.match(JSON.parse(read('services/user-lookup/package.json')), {
    name: '@acme/user-lookup',
  });
});

t.test('no file of a copied pair, but its decisions, names a folder of this repository', async (t) => {
  for (const path of files.filter((each) => !each.startsWith('docs/adr/'))) {
    const text = read(path).replaceAll('node tandem copy --update FOLDER', '');
    t.notMatch(text, /node tandem|benchmarks\/|packages\/(?!service-kit)[a-z]|scripts\/lib/, path);
    t.notMatch(text, /@tandem\/(?!telemetry|trace-explorer)/, path);
  }
});

t.test('new-service refuses a name or a port that would break the project', async (t) => {
  symlinkSync(join(ROOT, 'node_modules'), join(target, 'node_modules')); // for `yaml`
  const before = read('docker-compose.yml');
  const make = (...args: string[]) =>
    spawnSync(process.execPath, [join(target, 'scripts/new-service.ts'), ...args], { encoding: 'utf8' });
  for (const name of [
    'postgres',
    'explorer',
    'database',
    'test-database',
    'frontend',
    'backend',
    'service-kit',
    'user-lookup',
  ]) {
    const { status, stderr } = make(name, '4571');
    t.equal(status, 2, name);
    t.match(stderr, /^.+\.\n$/, name);
  }
  for (const port of ['4317', '4318', '4319', '4567', '9464', '80', 'x'])
    t.equal(make('billing', port).status, 2, port);
  t.equal(read('docker-compose.yml'), before);
  t.equal(make('billing', '4571').status, 0);
  const after = parse(read('docker-compose.yml'), { merge: true });
  const { services, volumes } = after;
  t.match(services.billing, {
    build: { args: { SERVICE: 'billing' } },
    environment: { OTEL_SERVICE_NAME: 'billing', PORT: '4571', USER_LOOKUP_URL: 'http://user-lookup:4568' },
    volumes: ['billing-data:/data'],
    read_only: true,
  });
  t.notOk('command' in services.billing, 'without demo data');
  t.equal(services.billing.environment.HEALTH_PORT, services['user-lookup'].environment.HEALTH_PORT);
  t.ok('billing-data' in volumes);
  const lines = new Set(read('docker-compose.yml').split('\n'));
  for (const line of before.split('\n')) t.ok(lines.has(line), `${line} is as it was`);
  t.match(JSON.parse(read('services/billing/package.json')), { config: { port: 4571 } });
});
