import { fileURLToPath, pathToFileURL } from 'node:url';
import { isReadable, readSource } from './read-source.ts';

const NAME = 'sourceMappingURL=';

/** Whether the maps of files are small enough, by file. */
const known = new Map<string, boolean>();
const MOST_FILES = 500;

/**
 * Whether a file's map may be asked for: reading one of 100 MB takes seconds, and more than a gigabyte. Its size is that of the
 * file which the last `sourceMappingURL` names; a map in the text is smaller than the text. Without an address, the map is of
 * whoever compiled the code while it was loaded.
 */
export function isMapReadable(path: string): boolean {
  const before = known.get(path);
  if (before !== undefined) return before;
  const text = readSource(path);
  if (text === undefined) return false; // it may come later
  if (known.size === MOST_FILES) known.clear();
  const address = addressOfMap(text);
  const found = address === undefined || address.startsWith('data:') || isFile(address, path);
  known.set(path, found);
  return found;
}

/** As Node finds it: https://tc39.es/ecma426/#sec-linking-generated-code */
function addressOfMap(text: string): string | undefined {
  for (let at = text.lastIndexOf(NAME); at > 0; at = text.lastIndexOf(NAME, at - 1)) {
    if (!/\/[*/]#\s+$/.test(text.slice(Math.max(0, at - 20), at))) continue;
    const start = at + NAME.length;
    return /^\S*/.exec(text.slice(start, start + 4_096))?.[0];
  }
  return undefined;
}

function isFile(address: string, path: string): boolean {
  try {
    return isReadable(fileURLToPath(new URL(address, pathToFileURL(path))));
  } catch {
    return false; // of another protocol, which Node does not ask either
  }
}
