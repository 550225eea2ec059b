import { existsSync, realpathSync, statSync } from 'node:fs';
import Module from 'node:module';
import { dirname, isAbsolute, join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { codeLines } from '../../common/code-lines.ts';

/** Files that frames have shown. */
const shown = new Set<string>();
const MOST_SHOWN = 5_000;
/** Opening such a path would look at the folders before, too. */
const UPWARDS = /[\\/]\.\.(?:[\\/]|$)/;
const PACKAGES = /[\\/]node_modules[\\/]/;

/** The path of a file that a frame or a text names. @throws TypeError for a URL that names no file */
export function pathOf(file: string): string {
  return file.startsWith('file:') ? fileURLToPath(file) : file;
}

/** Keeps that V8 has shown a frame of a file, which then runs in this process. */
export function noteShown(file: string): void {
  if (shown.size === MOST_SHOWN) shown.clear();
  shown.add(pathOf(file));
}

/**
 * Whether a file may be opened that only a text names: the stack of an error, which another service may have sent, or a comment
 * of evaluated code. It runs in this process already, or is the project's. What is elsewhere is not even looked at, as looking
 * may wait for a network.
 *
 * @param orPackage whether the project's packages count, too
 */
export function isKnown(path: string, orPackage = false): boolean {
  if (!isAbsolute(path) || UPWARDS.test(path)) return false;
  const loaded: object = Object(Reflect.get(Module, '_cache'));
  if (shown.has(path) || Object.hasOwn(loaded, path)) return true;
  if (!isInProject(path, orPackage)) return false;
  try {
    return isInProject(realpathSync(path), orPackage);
  } catch {
    return false; // it is not there
  }
}

function isInProject(path: string, orPackage: boolean): boolean {
  return (orPackage || !PACKAGES.test(path)) && projects().some((project) => isBelow(project, path));
}

function isBelow(folder: string, path: string): boolean {
  const found = relative(folder, path);
  return found !== '' && found !== '..' && !found.startsWith(`..${sep}`) && !isAbsolute(found);
}

let known: { readonly folder: string; readonly roots: readonly string[] } | undefined;

/** The folders of the projects that run here: of the folder that lines are relative to, and of the main script. */
function projects(): readonly string[] {
  const folder = codeLines.value?.folder ?? process.cwd();
  if (known?.folder !== folder) {
    const folders = [folder, ...mainFolder()].flatMap((each) => [each, realPathOf(each)]);
    const outside = folders.filter((each) => !PACKAGES.test(join(each, sep)));
    known = { folder, roots: [...new Set(outside.flatMap((each) => rootOf(each) ?? []))] };
  }
  return known.roots;
}

/** The folder of the main script; empty for code of an option, and where the script is a package's, as a test runner's is. */
function mainFolder(): string[] {
  const [, script] = process.argv;
  if (script === undefined || !isAbsolute(script) || PACKAGES.test(script)) return [];
  const folder = statSync(script, { throwIfNoEntry: false })?.isDirectory() ? script : dirname(script);
  return PACKAGES.test(realPathOf(script)) ? [] : [folder];
}

function realPathOf(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}

/** The project of a folder: the nearest one with .git, else the outermost with a package.json, else itself; never the whole disk. */
function rootOf(folder: string): string | undefined {
  const above: string[] = [];
  for (let at = folder; dirname(at) !== at; at = dirname(at)) above.push(at);
  const has = (name: string) => (each: string) => existsSync(join(each, name));
  return above.find(has('.git')) ?? above.findLast(has('package.json')) ?? above[0];
}
