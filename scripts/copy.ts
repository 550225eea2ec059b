import { cp, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { basename, join, relative, resolve } from 'node:path';
import { parse } from 'yaml';
import { readArguments, UsageError } from './lib/arguments.ts';
import { packPackage } from './lib/pack-package.ts';
import { callOf, ROOT } from './lib/root.ts';

const USAGE = `Usage: ${callOf('copy')} FOLDER

Starts a pair of your own in an empty folder: the two services, their kit, telemetry as a package, and a compose file.
docs/copy.md says what comes next.`;

/** The copied folders of the workspace, and their sources. */
const COPIED = ['services/activities-api', 'services/user-lookup', 'packages/service-kit'] as const;

/** Packages of the workspace that the packed telemetry holds. */
const PACKED = ['@tandem/auto-instrumentation', '@tandem/doctor', '@tandem/lean-engine'];

interface Manifest {
  readonly name: string;
  readonly dependencies: Readonly<Record<string, string>>;
  readonly [field: string]: unknown;
}

const target = readArguments(USAGE, { allowPositionals: true }, ({ positionals }) => {
  const [folder, ...more] = positionals;
  if (folder === undefined || more.length > 0) throw new UsageError('Name one folder.');
  return resolve(folder);
});
await mkdir(target, { recursive: true });
if ((await readdir(target)).length > 0) {
  process.stderr.write(`${target} is not empty.\n`);
  process.exit(1);
}
const tarball = await packPackage('telemetry', join(target, 'vendor'));
const { catalog }: { catalog: Readonly<Record<string, string>> } = parse(
  await readFile(join(ROOT, 'pnpm-workspace.yaml'), 'utf8'),
);
for (const folder of COPIED) {
  const to = join(target, folder);
  await cp(join(ROOT, folder, 'src'), join(to, 'src'), { recursive: true });
  for (const file of await readdir(join(to, 'src'), { recursive: true }))
    if (file.endsWith('.ts')) await useTarball(join(to, 'src', file));
  const manifest: Manifest = JSON.parse(await readFile(join(ROOT, folder, 'package.json'), 'utf8'));
  await writeJson(join(to, 'package.json'), ownManifest(manifest, relative(to, tarball)));
}
for (const [from, to] of [
  ['.env.example', '.env.example'],
  ['docs/reference/settings.md', 'docs/reference/settings.md'],
  ['deploy/compose/pair.yml', 'docker-compose.yml'],
] as const)
  await cp(join(ROOT, from), join(target, to));
await writeJson(join(target, 'package.json'), {
  name: basename(target),
  version: '0.1.0',
  private: true,
  type: 'module',
  engines: { node: '>=24' },
  workspaces: ['services/*', 'packages/*'],
});
process.stdout.write(`${target}: now \`npm install\` there.\n`);

/** A manifest for npm, which knows neither catalogs nor pnpm's workspaces: exact versions, and the packed telemetry. */
function ownManifest({ dependencies, devDependencies: _, ...rest }: Manifest, telemetry: string): object {
  const outside = Object.entries(dependencies).filter(([name]) => !PACKED.includes(name));
  const versions = outside.map(([name, version]) => {
    if (name === '@tandem/telemetry') return [name, `file:${telemetry.replaceAll('\\', '/')}`];
    return [name, version === 'catalog:' ? catalog[name] : '*'];
  });
  const { exports } = rest;
  return {
    ...rest,
    ...(exports !== undefined && { exports: withoutTesting(exports as Record<string, string>) }),
    dependencies: Object.fromEntries(versions),
  };
}

/** Makes a source import what the packed telemetry holds from there. The packed telemetry finds its lean engine itself. */
async function useTarball(path: string): Promise<void> {
  const text = await readFile(path, 'utf8');
  const changed = text
    .replaceAll("'@tandem/doctor/honeycomb'", "'@tandem/telemetry/honeycomb'")
    .replace(/^import .* from '@tandem\/(?:auto-instrumentation|lean-engine)';\n/gm, '')
    .replace(/^ {2}lean: .*\n/m, '');
  if (changed !== text) await writeFile(path, changed);
}

function withoutTesting({ './testing': _, ...entries }: Record<string, string>): Record<string, string> {
  return entries;
}

async function writeJson(path: string, value: object): Promise<void> {
  await writeFile(path, `${JSON.stringify(value, null, 2)}\n`);
}
