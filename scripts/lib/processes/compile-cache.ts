import { join } from 'node:path';

const ROOT = join(import.meta.dirname, '..', '..', '..');

/** The folder where Node keeps the compiled code of what `dev` and `start` run. Where it cannot write, it compiles again. */
export const COMPILE_CACHE = join(ROOT, 'node_modules', '.cache', 'compiled');
