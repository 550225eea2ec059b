import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { lstat, mkdir, mkdtempDisposable, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { removeLeft } from '../../../packages/trace-explorer/src/core/command/files/whole-file.ts';
import { copyPair, PAIR_NAME, PAIR_SCOPE } from './copy-pair.ts';
import type { CopyRecord } from './start-pair.ts';
import { commitOf, hashesOf, packInto, RECORD, writeBeside, writeRecord } from './start-pair.ts';

/** What could not be merged, as a patch to read. */
const PATCH = 'tandem-update.patch';

/** A change of a file of the copy: its new content, or undefined for a file that is gone here. */
type Change = readonly [path: string, content: Uint8Array | string | undefined];

/**
 * Brings to a copied pair what has changed here since. A file that the team has not touched is replaced. A touched file is
 * merged by `git merge-file`; where both changed the same lines, the file stays, and PATCH has the change. All is made
 * beside the copy first, so that a failure or an interrupt before leaves the copy as it is.
 *
 * @returns what was done, as lines of text
 * @throws Error when the folder is no copied pair, or its commit is not in this repository
 */
export async function updatePair(root: string, folder: string): Promise<string> {
  const record = await readRecord(folder);
  await using temporary = await mkdtempDisposable(join(tmpdir(), 'tandem-update-'));
  const work = temporary.path;
  const [base, now, vendor] = [join(work, 'a'), join(work, 'b'), join(work, 'vendor')]; // a and b, as patches call them
  await copyPair(await treeOf(root, record.commit, join(work, 'tree')), base, record, record.tarballs);
  const tarballs = await packInto(vendor);
  await copyPair(root, now, record, tarballs);
  const [before, after, own] = await Promise.all([hashesOf(base), hashesOf(now), hashesOf(folder)]);

  const done = { replaced: [] as string[], merged: [] as string[], kept: [] as string[] };
  const changes: Change[] = [];
  let patch = '';
  for (const path of new Set([...Object.keys(before), ...Object.keys(after)])) {
    if (before[path] === after[path] || own[path] === after[path]) continue;
    const isTouched = own[path] !== record.files[path] && own[path] !== before[path];
    const merged = isTouched ? merge(join(folder, path), join(base, path), join(now, path)) : undefined;
    if (!isTouched) {
      changes.push([path, after[path] === undefined ? undefined : await readFile(join(now, path))]);
      done.replaced.push(path);
    } else if (merged !== undefined) {
      changes.push([path, merged]);
      done.merged.push(path);
    } else {
      patch += differenceOf(work, path);
      done.kept.push(path);
    }
  }
  if (patch !== '') changes.push([PATCH, patch]);
  for (const name of Object.values(tarballs))
    changes.push([`vendor/${name}`, await readFile(join(vendor, name))]);
  for (const name of Object.values(record.tarballs))
    if (!Object.values(tarballs).includes(name)) changes.push([`vendor/${name}`, undefined]);
  await apply(folder, changes);
  const inVendor = (await readdir(join(folder, 'vendor'))).map((name) => `vendor/${name}`);
  for (const path of [...Object.keys(own), ...inVendor]) {
    const [, whole] = /^(.+)\.\d+\.new$/.exec(path) ?? []; // of an update that was killed
    if (whole !== undefined) await removeLeft(join(folder, whole), 'new');
  }
  await writeRecord(folder, { ...record, commit: commitOf(root), tarballs, files: after });
  return describe(done);
}

/** Makes the changes. @throws Error before the first one when a folder of the copy is a link, which may lead anywhere */
async function apply(folder: string, changes: readonly Change[]): Promise<void> {
  for (const path of new Set(changes.flatMap(([path]) => foldersOf(path)))) {
    const found = await lstat(join(folder, path)).catch(() => undefined);
    if (found?.isSymbolicLink())
      throw new Error(
        `${join(folder, path)} is a link. An update writes only into the copy's own folders. Remove the link, then update again.`,
      );
  }
  for (const [path, content] of changes)
    if (content === undefined) await rm(join(folder, path), { force: true });
    else await writeBeside(folder, path, content);
}

/** `a`, `a/b` for `a/b/c`. */
function foldersOf(path: string): string[] {
  const names = path.split('/').slice(0, -1);
  return names.map((_, index) => names.slice(0, index + 1).join('/'));
}

/** What the copy says of itself. It is somebody's file, so each value has the form that this repository wrote. */
async function readRecord(folder: string): Promise<CopyRecord> {
  const text = await readFile(join(folder, RECORD), 'utf8').catch(() => {
    throw new Error(`${folder} has no ${RECORD}. Name the folder of a copied pair.`);
  });
  const fits = (pattern: RegExp, ...values: unknown[]) =>
    values.every((value) => typeof value === 'string' && pattern.test(value));
  try {
    const { name, scope, commit, tarballs, files }: CopyRecord = JSON.parse(text);
    const isRight =
      fits(PAIR_NAME, name) &&
      fits(PAIR_SCOPE, scope) &&
      fits(/^[0-9a-f]{40}$/, commit) &&
      fits(/^[\w-][\w.-]*\.tgz$/, ...Object.values(tarballs)) &&
      fits(/^[0-9a-f]{64}$/, ...Object.values(files));
    if (isRight) return { name, scope, commit, tarballs, files };
  } catch {
    // no JSON, or members are missing
  }
  throw new Error(
    `${join(folder, RECORD)} is not as \`copy\` wrote it: take it from the project's history (\`git checkout ${RECORD}\`).`,
  );
}

/** Puts what is copied, as it was at a commit, into `to`. */
async function treeOf(root: string, commit: string, to: string): Promise<string> {
  await mkdir(to, { recursive: true });
  const options = { cwd: root, maxBuffer: 1024 ** 3, stdio: 'pipe' } as const;
  try {
    const archive = execFileSync('git', ['archive', commit], options);
    execFileSync('tar', ['-x', '-C', to], { input: archive });
    return to;
  } catch (cause) {
    throw new Error(
      `The commit ${commit}, which was copied, is not in this repository: \`git fetch --unshallow\` brings it.`,
      { cause },
    );
  }
}

/** A file with a change merged into it; undefined when both changed the same lines. */
function merge(own: string, base: string, now: string): Uint8Array | undefined {
  const { status, stdout } = spawnSync('git', ['merge-file', '-p', own, base, now], { maxBuffer: 1024 ** 3 });
  return status === 0 ? stdout : undefined;
}

/** The change here of a file, for `git apply`: also of a file that is new or gone. */
function differenceOf(work: string, path: string): string {
  const sides = ['a', 'b'].map((side) =>
    existsSync(join(work, side, path)) ? `${side}/${path}` : '/dev/null',
  );
  const args = ['diff', '--no-index', '--no-color', '--no-ext-diff', '--binary', '--no-prefix', ...sides];
  return spawnSync('git', args, { cwd: work, encoding: 'utf8', maxBuffer: 1024 ** 3 }).stdout;
}

function describe({ replaced, merged, kept }: Readonly<Record<string, string[]>>): string {
  const lines = (title: string, paths: string[] = []) =>
    paths.length === 0 ? '' : `${title}\n${paths.map((path) => `  ${path}\n`).join('')}`;
  return [
    'telemetry and explorer in vendor/ are those of here.\n',
    lines('Taken over:', replaced),
    lines('Merged with your changes:', merged),
    lines(`Left as they are, with their changes in ${PATCH}:`, kept),
    'Now `npm install` and `npm test` there.\n',
  ].join('');
}
