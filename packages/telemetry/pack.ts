import { build } from 'tsdown';
import type { Pack } from '../../scripts/lib/pack-package.ts';
import manifest from './package.json' with { type: 'json' };

/** Entry of the package → its source. */
const ENTRIES = {
  index: 'src/index.ts',
  honeycomb: 'src/honeycomb/index.ts',
  register: 'src/register.ts',
  testing: 'src/testing/index.ts',
};

export const pack: Pack = async (target) => {
  await build({
    config: false,
    cwd: import.meta.dirname,
    entry: ENTRIES,
    outDir: target,
    format: 'cjs',
    platform: 'node',
    target: 'node22',
    dts: true,
    logLevel: 'warn',
  });
  return { dependencies: manifest.dependencies };
};
