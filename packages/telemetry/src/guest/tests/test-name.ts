import { tmpdir } from 'node:os';
import { realPathOf } from '../../common/files.ts';
import { projectOf } from '../../common/project.ts';

/** Most characters of a name. */
const LONGEST = 120;

/** A path from the root of a disk, or of a URL. */
const PATH = /(?<![\w.@-])(?:[a-z]:)?(?:[\\/][\w.@~-]{1,255}){2,}/gi;

/** The parts of names that change with the run: ids, addresses of memory, and numbers from four digits on (ports, times, years). Status codes stay. */
const VALUES = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|\b[0-9a-f]{16,}\b|\d{4,}/gi;

/** Where temporary files are on each POSIX system, also for a reader on another one. */
const TEMPORARY = ['/tmp', '/private/tmp', '/var/tmp', '/var/folders', '/private/var/folders'];

let known: readonly string[] | undefined;

/** The folders of the project and of temporary files: each machine has its own. */
function foldersHere(): readonly string[] {
  const cwd = process.cwd();
  const here = [cwd, projectOf(cwd) ?? cwd, tmpdir()];
  return [...here, ...here.map((each) => realPathOf(each) ?? each)]
    .map(slashed)
    .filter(isFolder)
    .concat(TEMPORARY);
}

/**
 * A test's name on one line, bounded, and equal in each run of the test and on each machine: `…` stands for a value of the run,
 * and for a path in the project or among temporary files. The path of a URL stays.
 *
 * @param folder of the test's process, where that is another one
 */
export function testName(name: string, folder = ''): string {
  known ??= foldersHere();
  const own = slashed(folder);
  const folders = isFolder(own) ? [own, ...known] : known;
  const text = name
    .slice(0, 4 * LONGEST)
    .replace(PATH, (path) => (folders.some((each) => isIn(slashed(path), each)) ? '…' : path))
    .replace(VALUES, '…')
    .replace(/\s+/g, ' ')
    .trim();
  return text.length > LONGEST ? `${text.slice(0, LONGEST - 1)}…` : text || '(no name)';
}

/** Whether a path without a slash at its end is a folder, and not the whole disk. */
function isFolder(path: string): boolean {
  return path.includes('/');
}

function isIn(path: string, folder: string): boolean {
  return path === folder || path.startsWith(`${folder}/`);
}

/** A path as it is written on each system, without a slash at its end. */
function slashed(path: string): string {
  return path.replaceAll('\\', '/').replace(/\/$/, '');
}
