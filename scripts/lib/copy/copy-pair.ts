import { execFile } from 'node:child_process';
import { cp, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { promisify } from 'node:util';
import { ROOT } from '../../../tools/root.ts';
import { withoutDeadLinks } from './dead-links.ts';
import { ownManifest, readVersions } from './manifests.ts';

/** How the copy is called. */
export interface PairNames {
  /** Of the project, for its package.json and README. */
  readonly name: string;
  /** Of the packages that become the team's own: `@acme`. */
  readonly scope: string;
}

/** Names that npm takes. */
export const PAIR_NAME = /^(?!node_modules$|favicon\.ico$)[a-z\d][a-z\d._-]*$/;
export const PAIR_SCOPE = /^@[a-z\d][a-z\d._-]*$/;

/** The folders that a copy is made of, beside LICENSE. */
const SOURCES = ['docs', 'packages/service-kit', 'scripts/lib/processes', 'services', 'templates/pair'];

/** The team's own packages, what `dev` stands on, the list of settings, and the decisions that concern the pair. */
const COPIED =
  /^(?:LICENSE|(?:services|packages)\/[^/]+\/(?:package\.json|src\/.*)|services\/.+\/test\/.*|packages\/.+\/testing\/.*|scripts\/lib\/processes\/.*|docs\/reference\/settings\.md|docs\/adr\/00(?:01|02|06|08|09)-.*)$/;

/** Tests of several processes, of the night, and of this repository's documents stay, with what only they need. */
const STAYS = /\.(?:system|nightly)\.test\.ts$|\/(?:walk\.test|black-hole)\.ts$/;

/**
 * Writes the pair of the workspace in `root` into `target`, as a project of its own, without the packed packages.
 *
 * @param tarballs names of the packed packages in `vendor`, by package
 */
export async function copyPair(
  root: string,
  target: string,
  { name, scope }: PairNames,
  tarballs: Readonly<Record<string, string>>,
): Promise<void> {
  const sources = await Promise.all(SOURCES.map((part) => filesIn(root, part)));
  for (const path of ['LICENSE', ...sources.flat()]) {
    const place = placeOf(path);
    if (place === undefined) continue;
    await mkdir(dirname(join(target, place)), { recursive: true });
    await cp(join(root, path), join(target, place));
  }
  const pinned = await readVersions(root);
  for (const path of await filesIn(target)) {
    const file = join(target, path);
    const text = await readFile(file, 'utf8');
    const vendor = relative(dirname(file), join(target, 'vendor')).replaceAll('\\', '/');
    const vendored = Object.fromEntries(
      Object.entries(tarballs).map(([name, tarball]) => [name, `${vendor}/${tarball}`]),
    );
    const own = /(?:^|\/)package\.json$/.test(path)
      ? JSON.stringify(ownManifest(JSON.parse(text), pinned, vendored), null, 2)
      : text;
    await writeFile(file, inOwnWords(own, path, { name, scope }, target));
  }
  await format(target);
}

/** The place of a file in a copy; undefined for a file that stays. A template's `_` hides a name from this repository. */
function placeOf(path: string): string | undefined {
  const [, ofTemplate] = /^templates\/pair\/(.*)$/.exec(path) ?? [];
  if (ofTemplate !== undefined) return ofTemplate.replace(/^_/, '');
  return COPIED.test(path) && !STAYS.test(path) ? path : undefined;
}

/** The files of a folder, or of a part of it, by their paths in the folder with `/`, without what is installed or made. */
export async function filesIn(folder: string, part = ''): Promise<string[]> {
  const options = { recursive: true, withFileTypes: true } as const;
  const entries = await readdir(join(folder, part), options).catch(() => []);
  return entries
    .filter((entry) => entry.isFile())
    .map((file) => relative(folder, join(file.parentPath, file.name)).replaceAll('\\', '/'))
    .filter((path) => !/(?:^|\/)(?:node_modules|\.git|\.data|\.tap|vendor)\//.test(path))
    .toSorted();
}

/** A copied text, with the names of the copy, and without links to files that stayed. */
function inOwnWords(text: string, path: string, { name, scope }: PairNames, target: string): string {
  const own = text
    .replaceAll(/@tandem\/(?=service-kit|activities-api|user-lookup|notes-service)/g, `${scope}/`)
    .replaceAll('my-pair', name);
  if (!path.endsWith('.md')) return own;
  // In the list of settings: what only this repository's commands and compose file read.
  const settings = own
    .replace(/\n## Commands\n.*$/s, '')
    .replaceAll(/^- .*(?:node tandem|COMPOSE_).*\n/gm, '');
  return withoutDeadLinks(path.endsWith('settings.md') ? settings : own, join(target, path));
}

/** Sorts imports by the new names, and formats what was written here. */
async function format(target: string): Promise<void> {
  const biome = join(ROOT, 'node_modules', '@biomejs', 'biome', 'bin', 'biome');
  await promisify(execFile)(process.execPath, [biome, 'check', '--write', '--config-path', target, target]);
}
