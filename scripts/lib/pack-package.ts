import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtempDisposable, readFile, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { ROOT } from '../../tools/root.ts';
import { withRelease } from './documents/release.ts';
import { REPOSITORY } from './release.ts';

type Versions = Readonly<Record<string, string>>;

/**
 * The function `pack` of `packages/NAME/pack.ts`: puts all files of the tarball but package.json, README.md and LICENSE
 * into `target`, an empty folder, and returns what package.json says beside name, version, description and license.
 * Versions may be written `catalog:` and `workspace:`: the tarball has `^` and the version that is installed here.
 */
export type Pack = (target: string) => Promise<PackedManifest>;

/** The rest of a tarball's package.json. */
export interface PackedManifest {
  readonly dependencies?: Versions;
  readonly peerDependencies?: Versions;
  readonly [field: string]: unknown;
}

/** Fields that the tarball takes from the package's package.json. */
const KEPT_FIELDS = ['name', 'version', 'description', 'license', 'keywords'] as const;

/**
 * Builds the tarball of a package of the workspace and puts it into `destination`; a tarball of that name is replaced.
 *
 * @param name of its folder in packages/, which has a `pack.ts`
 * @returns the tarball's path
 */
export async function packPackage(name: string, destination: string): Promise<string> {
  const folder = join(ROOT, 'packages', name);
  const { pack }: { pack: Pack } = await import(join(folder, 'pack.ts'));
  await using work = await mkdtempDisposable(join(tmpdir(), `pack-${name}-`));
  const target = join(work.path, 'package');
  await mkdir(target);
  const packed = await pack(target);
  const own: Record<string, unknown> = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8'));
  const manifest = {
    ...Object.fromEntries(KEPT_FIELDS.filter((key) => key in own).map((key) => [key, own[key]])),
    ...repositoryOf(name, process.env),
    ...packed,
    ...resolved('dependencies', packed, folder),
    ...resolved('peerDependencies', packed, folder),
  };
  await writeFile(join(target, 'package.json'), `${JSON.stringify(manifest, null, 2)}\n`);
  const readme = await readFile(join(folder, 'README.md'), 'utf8');
  // Whoever reads it in a registry has the package there.
  await writeFile(join(target, 'README.md'), withRelease(`packages/${name}/README.md`, readme, true));
  await cp(join(ROOT, 'LICENSE'), join(target, 'LICENSE'));
  await mkdir(destination, { recursive: true });
  return await tarballOf(target, work.path, destination);
}

/**
 * The package's repository, from which a registry resolves the README's links: that of the GitHub workflow, which npm
 * compares with the provenance, or the constant.
 */
function repositoryOf(name: string, env: NodeJS.ProcessEnv): object {
  const { GITHUB_SERVER_URL, GITHUB_REPOSITORY } = env;
  const ofWorkflow =
    GITHUB_SERVER_URL && GITHUB_REPOSITORY && `${GITHUB_SERVER_URL}/${GITHUB_REPOSITORY}.git`;
  const url = ofWorkflow || REPOSITORY;
  return url ? { repository: { type: 'git', url: `git+${url}`, directory: `packages/${name}` } } : {};
}

/** Dependencies with versions of the registry instead of `catalog:` and `workspace:`. */
function resolved(
  field: 'dependencies' | 'peerDependencies',
  packed: PackedManifest,
  folder: string,
): object {
  const wanted = packed[field];
  if (wanted === undefined) return {};
  const versions = Object.entries(wanted).map(([name, version]) => [
    name,
    /^(?:catalog|workspace):/.test(version) ? `^${installedVersion(name, folder)}` : version,
  ]);
  return { [field]: Object.fromEntries(versions) };
}

function installedVersion(name: string, folder: string): string {
  return createRequire(join(folder, 'package.json'))(join(folder, 'node_modules', name, 'package.json'))
    .version;
}

/** Packs with npm, which comes with every Node. */
async function tarballOf(target: string, work: string, destination: string): Promise<string> {
  const { stdout } = await promisify(execFile)('npm', ['pack', '--json', '--pack-destination', '..'], {
    cwd: target,
    shell: process.platform === 'win32', // npm is a script there
  });
  const [{ filename }]: [{ filename: string }] = JSON.parse(stdout);
  const path = join(destination, filename);
  await cp(join(work, filename), path);
  return path;
}
