import { dirname, isAbsolute, join, relative, sep } from 'node:path';
import { realPathOf, statusOf } from './files.ts';

const PACKAGES = /[\\/]node_modules[\\/]/;

/** Whether a path lies in an installed package. */
export function isInstalled(path: string): boolean {
  return PACKAGES.test(path);
}

/** Whether a path lies below a folder. */
export function isBelow(folder: string, path: string): boolean {
  const found = relative(folder, path);
  return found !== '' && found !== '..' && !found.startsWith(`..${sep}`) && !isAbsolute(found);
}

/** The folder of the main script; undefined for code of an option, and where the script is a package's, as a test runner's is. */
export function mainFolder(): string | undefined {
  const [, script] = process.argv;
  if (script === undefined || !isAbsolute(script) || isInstalled(script)) return undefined;
  const isFolder = statusOf(script)?.isDirectory();
  return isInstalled(realPathOf(script) ?? script) ? undefined : isFolder ? script : dirname(script);
}

/** The project of a folder: the nearest one with .git, else the outermost with a package.json, else itself; never the whole disk. */
export function projectOf(folder: string): string | undefined {
  const above: string[] = [];
  for (let at = folder; dirname(at) !== at; at = dirname(at)) above.push(at);
  const has = (name: string) => (each: string) => statusOf(join(each, name)) !== undefined;
  return above.find(has('.git')) ?? above.findLast(has('package.json')) ?? above[0];
}
