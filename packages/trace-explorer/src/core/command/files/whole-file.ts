import { rmSync } from 'node:fs';
import { access, chmod, constants, open, readdir, realpath, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

/** The signals by which somebody ends a command. */
export const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/**
 * Writes a file whole or not at all: a temporary file beside it replaces it at the end. A command that ends early leaves
 * the old content. A link stays a link, to the new content. A pipe or device gets the content directly.
 *
 * @param write gets the path to write to
 * @throws Error of the file system or of `write`
 */
export async function writeWhole(path: string, write: (path: string) => Promise<void>): Promise<void> {
  const { place, old } = await placeOf(path);
  if (old !== undefined && !old.isFile()) return write(place);
  await removeLeft(place, 'part').catch(() => {}); // the write says what is wrong
  const part = `${place}.${process.pid}.part`;
  await removeAfter(part, async () => {
    await (await open(part, 'wx', old?.mode)).close();
    await write(part);
    if (old !== undefined) await chmod(part, old.mode);
    await rename(part, place);
  });
}

/** Looks whether a file can be written whole later. @throws Error of the file system, for instance without its folder */
export async function checkPlace(path: string): Promise<void> {
  const { place, old } = await placeOf(path);
  if (old?.isDirectory()) throw Object.assign(new Error('a folder'), { code: 'EISDIR' });
  if (old === undefined || old.isFile()) await access(`${dirname(place)}/.`, constants.W_OK);
}

async function placeOf(path: string) {
  const place = await realpath(path).catch(() => path);
  return { place, old: await stat(place).catch(() => undefined) };
}

/**
 * Removes the temporary files `PLACE.PID.ENDING` whose processes were killed.
 * @throws Error of the file system
 */
export async function removeLeft(place: string, ending: string): Promise<void> {
  const [folder, begin] = [dirname(place), `${basename(place)}.`];
  for (const name of await readdir(folder)) {
    const [, pid] = (name.startsWith(begin) && /^(\d+)\.(\w+)$/.exec(name.slice(begin.length))) || [];
    if (pid !== undefined && name.endsWith(`.${ending}`) && !isThere(Number(pid)))
      await rm(join(folder, name), { force: true });
  }
}

function isThere(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return Object(error).code === 'EPERM'; // somebody else's
  }
}

/** Temporary files and folders of the work that goes on. */
const temporary = new Set<string>();

/**
 * Makes a temporary file or folder and works with it. Removes it afterwards, also when the process ends early. If a command
 * listens to a signal itself, it decides whether the process ends.
 */
export async function removeAfter<T>(path: string, work: () => Promise<T>): Promise<T> {
  if (temporary.size === 0) {
    process.on('exit', removeTemporary);
    for (const signal of SIGNALS) process.on(signal, endBySignal);
  }
  temporary.add(path);
  try {
    return await work();
  } finally {
    temporary.delete(path);
    if (temporary.size === 0) stopListening();
    await rm(path, { recursive: true, force: true });
  }
}

function endBySignal(signal: NodeJS.Signals): void {
  if (process.listenerCount(signal) > 1) return;
  removeTemporary();
  stopListening();
  process.kill(process.pid, signal); // the signal's usual end
}

function removeTemporary(): void {
  for (const path of temporary) rmSync(path, { recursive: true, force: true });
}

function stopListening(): void {
  process.off('exit', removeTemporary);
  for (const signal of SIGNALS) process.off(signal, endBySignal);
}
