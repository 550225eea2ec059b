import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';

const ROOT = join(import.meta.dirname, '..', '..');
const BUILDS = join(ROOT, 'node_modules', '.cache', 'tandem', 'builds');
/** What a build is made of, beside the packages of the lock file. */
const SOURCES = ['trace-explorer', 'telemetry', 'service-kit', 'otlp'];
const LEFT_OUT = new Set(['node_modules', 'test', 'testing']);

/**
 * The folder with a build of explorer and `run` from what the sources are now. It is made where it is not there.
 *
 * @returns undefined where it cannot be made: nobody may write to the clone, or a source has an error, which Node explains
 * better than a build
 */
export async function built() {
  try {
    const folder = join(BUILDS, stateOfSources());
    if (existsSync(folder)) return folder;
    mkdirSync(BUILDS, { recursive: true }); // before the bundler is loaded
    const { buildInto } = await import('./build.ts');
    await buildInto(folder);
    return folder;
  } catch {
    return undefined;
  }
}

/** A hash that changes with the time or the size of any source, and with the lock file. */
function stateOfSources() {
  const hash = createHash('sha256').update(readFileSync(join(ROOT, 'pnpm-lock.yaml')));
  const add = (/** @type {string} */ folder) => {
    for (const entry of readdirSync(folder, { withFileTypes: true })) {
      const path = join(folder, entry.name);
      if (LEFT_OUT.has(entry.name)) continue;
      if (entry.isDirectory()) add(path);
      else {
        const { size, mtimeMs } = statSync(path);
        hash.update(`${path}\0${size}\0${mtimeMs}\n`);
      }
    }
  };
  for (const name of SOURCES) add(join(ROOT, 'packages', name));
  return hash.digest('hex').slice(0, 16);
}
