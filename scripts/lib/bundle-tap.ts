import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { Rolldown } from 'tsdown';
import { hashOf } from './own-build.ts';
import { ROOT } from './workspace.ts';

/** As test-hooks.mjs has it. In a package of tap's, as it were: tap leaves lines of such out of the stacks it shows. */
const FOLDER = join(ROOT, 'node_modules', '.cache', 'tap');
const SCOPE = join('node_modules', '@tapjs');

/**
 * Writes what tests import as `tap` into one file, unless it is there: test-hooks.mjs gives them that. To load tap's 250
 * modules takes each test file 0.3 s of processor time more.
 * @param plugins the module that `tap build` writes
 */
export async function bundleTap(plugins: string): Promise<void> {
  const key = hashOf([plugins, join(ROOT, 'node_modules', '.pnpm', 'lock.yaml'), import.meta.filename]);
  const keyFile = join(FOLDER, 'key');
  if (existsSync(keyFile) && readFileSync(keyFile, 'utf8') === key) return;
  const unfinished = `${FOLDER}-unfinished`;
  rmSync(unfinished, { recursive: true, force: true });
  const { build } = await import('tsdown');
  await build({
    config: false,
    cwd: ROOT,
    entry: { tap: fileURLToPath(import.meta.resolve('tap')) },
    outDir: join(unfinished, SCOPE),
    format: 'esm',
    fixedExtension: true,
    platform: 'node',
    dts: false,
    logLevel: 'error',
    deps: { alwaysBundle: [/./], onlyBundle: false },
    outputOptions: { comments: false, codeSplitting: false },
    inputOptions: { checks: { pluginTimings: false }, plugins: [ownPlaces] },
  });
  writeFileSync(join(unfinished, 'key'), key);
  rmSync(FOLDER, { recursive: true, force: true });
  renameSync(unfinished, FOLDER);
}

/** Required by a name that a bundler does not see. */
const REQUIRES_BY_NAME = /[\\/]tcompare[\\/]dist[\\/]esm[\\/]react-element-to-jsx-string\.js$/;

/** Modules know where they lie, and look for others from there. */
const ownPlaces: Rolldown.Plugin = {
  name: 'own-places',
  transform(code, id) {
    if (id.startsWith('\0')) return null;
    if (REQUIRES_BY_NAME.test(id))
      return `import required from 'react-element-to-jsx-string'; export default required.default ?? required;`;
    if (!code.includes('import.meta.url')) return null;
    return code.replaceAll('import.meta.url', JSON.stringify(pathToFileURL(id).href));
  },
};
