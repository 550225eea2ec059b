import { execFileSync, spawnSync } from 'node:child_process';
import { cp, mkdir, mkdtempDisposable, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { copyPair } from './copy-pair.ts';
import type { CopyRecord } from './start-pair.ts';
import { commitOf, hashesOf, packInto, RECORD, writeRecord } from './start-pair.ts';

/** What could not be merged, as a patch to read. */
const PATCH = 'tandem-update.patch';

/**
 * Brings to a copied pair what has changed here since. A file that the team has not touched is replaced. A touched file is
 * merged by `git merge-file`; where both changed the same lines, the file stays, and PATCH has the change.
 *
 * @returns what was done, as lines of text
 * @throws Error when the folder is no copied pair, or its commit is not in this repository
 */
export async function updatePair(root: string, folder: string): Promise<string> {
  const record = await readRecord(folder);
  await using temporary = await mkdtempDisposable(join(tmpdir(), 'tandem-update-'));
  const work = temporary.path;
  const [base, now] = [join(work, 'base'), join(work, 'now')];
  const tarballs = await packInto(folder);
  await copyPair(await treeOf(root, record.commit, join(work, 'tree')), base, record, record.tarballs);
  await copyPair(root, now, record, tarballs);
  const [before, after, own] = await Promise.all([hashesOf(base), hashesOf(now), hashesOf(folder)]);

  const done = { replaced: [] as string[], merged: [] as string[], kept: [] as string[] };
  let patch = '';
  for (const path of new Set([...Object.keys(before), ...Object.keys(after)])) {
    if (before[path] === after[path] || own[path] === after[path]) continue;
    const isTouched = own[path] !== record.files[path] && own[path] !== before[path];
    if (!isTouched) {
      await replace(join(now, path), join(folder, path), after[path] !== undefined);
      done.replaced.push(path);
    } else if (await merge(join(folder, path), join(base, path), join(now, path))) done.merged.push(path);
    else {
      patch += differenceOf(work, path);
      done.kept.push(path);
    }
  }
  if (patch !== '') await writeFile(join(folder, PATCH), patch);
  await writeRecord(folder, { ...record, commit: commitOf(root), tarballs, files: after });
  return describe(done);
}

async function readRecord(folder: string): Promise<CopyRecord> {
  try {
    return JSON.parse(await readFile(join(folder, RECORD), 'utf8'));
  } catch {
    throw new Error(`${folder} has no ${RECORD}: name the folder of a copied pair.`);
  }
}

/** Puts what is copied, as it was at a commit, into `to`. */
async function treeOf(root: string, commit: string, to: string): Promise<string> {
  await mkdir(to, { recursive: true });
  const options = { cwd: root, maxBuffer: 1024 ** 3 };
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

/** Takes a file over, or removes the file when it is gone here. */
async function replace(from: string, to: string, isThere: boolean): Promise<void> {
  if (!isThere) return rm(to, { force: true });
  await mkdir(dirname(to), { recursive: true });
  await cp(from, to);
}

/** Merges a change into a file; false, without a change, when both changed the same lines. */
async function merge(own: string, base: string, now: string): Promise<boolean> {
  const { status, stdout } = spawnSync('git', ['merge-file', '-p', own, base, now], { maxBuffer: 1024 ** 3 });
  if (status !== 0) return false;
  await writeFile(own, stdout);
  return true;
}

function differenceOf(work: string, path: string): string {
  const args = ['diff', '--no-index', '--no-color', `base/${path}`, `now/${path}`];
  return spawnSync('git', args, { cwd: work, encoding: 'utf8' }).stdout;
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
