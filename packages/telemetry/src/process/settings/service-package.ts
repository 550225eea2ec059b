import { dirname, relative, sep } from 'node:path';
import type { Manifest } from '../../common/installed-package.ts';
import { manifestIn } from '../../common/installed-package.ts';
import { isBelow, mainFolder, projectOf } from '../../common/project.ts';

/**
 * The package that a service has its name from: the nearest one above `directory`. Without `directory`, the nearest one with a name
 * above the started file, so that `node packages/shop/main.js` is the same service from each folder; else the nearest one above the
 * working directory, as of a package's command (a test runner, a framework) and of code that no file has.
 */
export function servicePackage(directory: string | undefined): Manifest {
  if (directory !== undefined) return nearestAbove(directory) ?? {};
  const here = process.cwd();
  const own = nearestAbove(here) ?? {};
  const started = mainFolder();
  if (started === undefined) return own;
  const project = projectOf(here);
  // A launcher that is elsewhere, such as a platform's, is not the app.
  const isOfProject = own.name === undefined || (project !== undefined && isBelow(project, started));
  return (isOfProject && nearestBeside(here, started)) || own;
}

function nearestAbove(folder: string): Manifest | undefined {
  const found = manifestIn(folder);
  if (found !== undefined) return found;
  const parent = dirname(folder);
  return parent === folder ? undefined : nearestAbove(parent);
}

/** The nearest package with a name above the started file that the working directory is not in. What a build wrote is none. */
function nearestBeside(here: string, folder: string): Manifest | undefined {
  const parent = dirname(folder);
  if (folder === here || isBelow(folder, here) || folder === parent) return undefined;
  const found = manifestIn(folder);
  return found?.name && !isBuilt(here, folder) ? found : nearestBeside(here, parent);
}

/** Whether a folder is in a hidden one, such as `.output` or `.next`: its package.json is generated, and names something else. */
function isBuilt(here: string, folder: string): boolean {
  return relative(here, folder)
    .split(sep)
    .some((name) => /^\.[^.]/.test(name));
}
