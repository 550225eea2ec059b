import Module from 'node:module';
import { isAbsolute, join, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { codeLines } from '../code-lines.ts';
import { realPathOf } from '../files.ts';
import { isBelow, isInstalled, mainFolder, projectOf } from '../project.ts';

/** Files that frames have shown. */
const shown = new Set<string>();
const MOST_SHOWN = 5_000;
/** Opening such a path would look at the folders before, too. */
const UPWARDS = /[\\/]\.\.(?:[\\/]|$)/;

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
 * Whether V8 has shown a frame of a file, or Node has required it: then this process runs what is on disk, unless a hook of
 * `require` has compiled it to something else.
 */
export function isLoaded(path: string): boolean {
  return shown.has(path) || Object.hasOwn(Object(Reflect.get(Module, '_cache')), path);
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
  if (isLoaded(path)) return true;
  if (!isInProject(path, orPackage)) return false;
  const real = realPathOf(path);
  return real !== undefined && isInProject(real, orPackage);
}

function isInProject(path: string, orPackage: boolean): boolean {
  return (orPackage || !isInstalled(path)) && projects().some((project) => isBelow(project, path));
}

let known: { readonly folder: string; readonly roots: readonly string[] } | undefined;

/** The folders of the projects that run here: of the folder that lines are relative to, and of the main script. */
function projects(): readonly string[] {
  const folder = codeLines.value?.folder ?? process.cwd();
  if (known?.folder !== folder) {
    const folders = [folder, mainFolder() ?? []].flat().flatMap((each) => [each, realPathOf(each) ?? each]);
    const outside = folders.filter((each) => !isInstalled(join(each, sep)));
    known = { folder, roots: [...new Set(outside.flatMap((each) => projectOf(each) ?? []))] };
  }
  return known.roots;
}
