import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { ROOT } from '../../../test/helpers/processes.ts';

/** The most names that other packages take beside the public ones. */
const MAX_NAMES = 16;

const text = ['workspace.ts', 'road/delivery/workspace.ts']
  .map((file) => readFileSync(join(import.meta.dirname, '../src', file), 'utf8'))
  .join('');
const names = [...text.matchAll(/^export (?:type )?\{([^}]*)\}/gm)]
  .flatMap(([, list = '']) => list.split(','))
  .map((name) => name.trim());

t.test(
  `the other packages take at most ${MAX_NAMES} names beside the public ones, each of them used`,
  async (t) => {
    t.ok(names.length > 5 && names.length <= MAX_NAMES, names.join(' '));
    const files = globSync('{packages,services}/*/src/**/*.{ts,tsx}', { cwd: ROOT });
    const imports = files
      .filter((file) => !file.startsWith('packages/telemetry/'))
      .flatMap((file) => [
        ...readFileSync(join(ROOT, file), 'utf8').matchAll(
          /^import (?:type )?\{([^}]*)\} from '@tandem\/telemetry\/workspace(?:\/delivery)?'/gm,
        ),
      ])
      .flatMap(([, list = '']) => list.split(',').map((name) => name.trim()));
    for (const name of names) t.ok(imports.includes(name), name);
  },
);
