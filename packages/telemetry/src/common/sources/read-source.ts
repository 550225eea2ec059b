import { closeSync, constants, fstatSync, openSync, readSync, statSync } from 'node:fs';

/** A larger file is neither read nor mapped. */
const MOST_BYTES = 8 * 1024 * 1024;
/** Opening a pipe waits for its other end, otherwise. Windows has no pipes among its files. */
const FLAGS = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0);

/**
 * The text of a file; undefined for anything but a regular file of 1 byte to 8 MiB. Nothing else is opened, and what takes the
 * file's place meanwhile is not read: a pipe would wait, a device has no end, and files of /proc say that they are empty.
 */
export function readSource(path: string): string | undefined {
  if (!isSource(statSync(path, { throwIfNoEntry: false }))) return undefined;
  const file = openSync(path, FLAGS);
  try {
    const status = fstatSync(file);
    if (!isSource(status)) return undefined;
    const bytes = Buffer.allocUnsafe(status.size);
    let length = 0;
    for (let read = -1; read !== 0 && length < bytes.length; length += read)
      read = readSync(file, bytes, length, bytes.length - length, length);
    return bytes.toString('utf8', 0, length);
  } finally {
    closeSync(file);
  }
}

/** Whether a file is not too large to be a source or a map; false also without such a file. */
export function isReadable(path: string): boolean {
  return isSource(statSync(path, { throwIfNoEntry: false }));
}

function isSource(status: { isFile(): boolean; readonly size: number } | undefined): boolean {
  return status?.isFile() === true && status.size > 0 && status.size <= MOST_BYTES;
}

/** Where each line of a text begins, and one more than the text's length. */
export function lineStarts(text: string): Uint32Array {
  const starts = new Uint32Array(eachLine(text, () => {}) + 2);
  const count = eachLine(text, (start, line) => {
    starts[line] = start;
  });
  starts[count + 1] = text.length + 1;
  return starts;
}

const [LF, CR, LINE_SEPARATOR, PARAGRAPH_SEPARATOR] = [0x0a, 0x0d, 0x2028, 0x2029];

/** Calls `begins` for each line after the first, counted from 1. Returns their number. An array of matches takes half a second. */
function eachLine(text: string, begins: (start: number, line: number) => void): number {
  let count = 0;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code !== LF && code !== CR && code !== LINE_SEPARATOR && code !== PARAGRAPH_SEPARATOR) continue;
    if (code === CR && text.charCodeAt(at + 1) === LF) at++;
    begins(at + 1, ++count);
  }
  return count;
}
