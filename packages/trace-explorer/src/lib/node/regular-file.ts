import { constants } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { open } from 'node:fs/promises';

/** Bytes of a text that a person writes, at most. */
const MOST_BYTES = 16 * 1024 * 1024;

/** Without it, a pipe that nobody writes to keeps `open` waiting for ever. Windows has no such flag, and no such pipes. */
const AT_ONCE = constants.O_NONBLOCK ?? 0;

/** Opens a file that a person named. @throws Error of the file system, also for a folder, a pipe, a socket or a device */
export async function openRegular(path: string): Promise<FileHandle> {
  const file = await open(path, constants.O_RDONLY | AT_ONCE).catch((error: unknown) => {
    throw Object(error).code === 'ENXIO' ? notRegular() : error;
  });
  try {
    const stats = await file.stat();
    if (stats.isDirectory()) throw withCode('EISDIR', 'it is a folder');
    if (!stats.isFile()) throw notRegular();
    return file;
  } catch (error) {
    await file.close();
    throw error;
  }
}

/** The text of a file that a person named, without a byte order mark. @throws Error as openRegular does; RangeError for a file of more than `most` bytes */
export async function readRegular(path: string, most = MOST_BYTES): Promise<string> {
  const file = await openRegular(path);
  try {
    const { size } = await file.stat();
    if (size > most) throw new RangeError(`it has ${size} bytes; at most ${most} are read.`);
    // Some editors of Windows begin a text with a byte order mark.
    return (await file.readFile('utf8')).replace(/^\uFEFF/, '');
  } finally {
    await file.close();
  }
}

function notRegular(): Error {
  return withCode('ENOTREG', 'it is a pipe, a socket or a device; write its content into a file first');
}

function withCode(code: string, message: string): Error {
  return Object.assign(new Error(message), { code });
}
