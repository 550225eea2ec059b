import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { packPackage } from '../pack-package.ts';
import type { PairNames } from './copy-pair.ts';
import { copyPair, filesIn } from './copy-pair.ts';

/** The file that says what was copied. */
export const RECORD = '.tandem-copy.json';

/** What a copy says of itself. */
export interface CopyRecord extends PairNames {
  /** Of this repository. */
  readonly commit: string;
  /** Names of the packed packages in `vendor`, by package. */
  readonly tarballs: Readonly<Record<string, string>>;
  /** SHA-256 of each copied file, in hex, by path. */
  readonly files: Readonly<Record<string, string>>;
}

/** Writes a new pair into an empty folder, with its packed packages and its record. */
export async function startPair(root: string, target: string, names: PairNames): Promise<void> {
  const tarballs = await packInto(join(target, 'vendor'));
  await copyPair(root, target, names, tarballs);
  await writeRecord(target, { ...names, commit: commitOf(root), tarballs, files: await hashesOf(target) });
}

/**
 * Packs telemetry and explorer into a folder. The files have a hash in their names, because npm takes a file of
 * the same name for the installed package.
 *
 * @returns the names of the files, by package
 */
export async function packInto(vendor: string): Promise<CopyRecord['tarballs']> {
  const packed = ['telemetry', 'trace-explorer'].map(async (name) => {
    const path = await packPackage(name, vendor);
    const file = basename(path).replace(/\.tgz$/, `-${hash(await readFile(path)).slice(0, 8)}.tgz`);
    await rename(path, join(vendor, file));
    return [`@tandem/${name}`, file] as const;
  });
  return Object.fromEntries(await Promise.all(packed));
}

/** The commit that a repository is at. */
export function commitOf(root: string): string {
  return execFileSync('git', ['rev-parse', 'HEAD'], { cwd: root, encoding: 'utf8' }).trim();
}

export async function writeRecord(target: string, record: CopyRecord): Promise<void> {
  await writeBeside(target, RECORD, `${JSON.stringify(record, null, 2)}\n`);
}

/** Writes a file of a folder beside its place, and renames it: neither half of it is ever there, nor is a link followed. */
export async function writeBeside(folder: string, path: string, content: string | Uint8Array): Promise<void> {
  const to = join(folder, path);
  await mkdir(dirname(to), { recursive: true });
  const beside = `${to}.${process.pid}.new`;
  await writeFile(beside, content, { flag: 'wx' });
  await rename(beside, to);
}

/** The SHA-256 of each file, by path. */
export async function hashesOf(folder: string): Promise<Readonly<Record<string, string>>> {
  const paths = (await filesIn(folder)).filter((path) => path !== RECORD);
  const hashed = paths.map(async (path) => [path, hash(await readFile(join(folder, path)))] as const);
  return Object.fromEntries(await Promise.all(hashed));
}

function hash(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
