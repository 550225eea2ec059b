import { rmSync } from 'node:fs';
import { chmod, open, realpath, rename, rm, stat } from 'node:fs/promises';

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/**
 * Writes a file whole or not at all: a temporary file beside it replaces it at the end. A command that ends early leaves
 * the old content. A link stays a link, to the new content. A pipe or device gets the content directly.
 *
 * @param write gets the path to write to
 * @throws Error of the file system or of `write`
 */
export async function writeWhole(path: string, write: (path: string) => Promise<void>): Promise<void> {
  const place = await realpath(path).catch(() => path);
  const old = await stat(place).catch(() => undefined);
  if (old !== undefined && !old.isFile()) return write(place);
  const part = `${place}.${process.pid}.part`;
  await removeAfter(part, async () => {
    await (await open(part, 'wx', old?.mode)).close();
    await write(part);
    if (old !== undefined) await chmod(part, old.mode);
    await rename(part, place);
  });
}

/** Makes a temporary file or folder and works with it. Removes it afterwards, also when the process ends early. */
export async function removeAfter<T>(path: string, work: () => Promise<T>): Promise<T> {
  const removeNow = () => rmSync(path, { recursive: true, force: true });
  const onSignal = (signal: NodeJS.Signals) => {
    removeNow();
    for (const each of SIGNALS) process.off(each, onSignal);
    process.kill(process.pid, signal); // the signal's usual end
  };
  process.on('exit', removeNow);
  for (const signal of SIGNALS) process.on(signal, onSignal);
  try {
    return await work();
  } finally {
    process.off('exit', removeNow);
    for (const signal of SIGNALS) process.off(signal, onSignal);
    await rm(path, { recursive: true, force: true });
  }
}
