import { registerHooks } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

// Loaded into every test, and into every process that a test starts, before what tap loads there.

// Tap's notes about each process and module, for `tap --changed` and coverage, cost 0.1 s of processor time per file and
// as much per process that a test starts; nobody reads them.
const PROCESS_INFO = /\/@tapjs\/processinfo\/dist\/esm\/import\.mjs$/;
const withoutProcessInfo = registerHooks({
  resolve(specifier, context, nextResolve) {
    if (!PROCESS_INFO.test(specifier)) return nextResolve(specifier, context);
    withoutProcessInfo.deregister();
    return { url: 'data:text/javascript,', shortCircuit: true };
  },
});

// A test gets tap in one file (bundle-tap.ts).
const ROOT = join(import.meta.dirname, '..', '..');
const TAP = pathToFileURL(
  join(ROOT, 'node_modules', '.cache', 'tap', 'node_modules', '@tapjs', 'tap.mjs'),
).href;
if (/\.test\.ts$/.test(process.argv[1] ?? ''))
  registerHooks({
    resolve: (specifier, context, nextResolve) =>
      specifier === 'tap'
        ? { url: TAP, format: 'module', shortCircuit: true }
        : nextResolve(specifier, context),
  });

// Nor are there source maps: Node takes the types out of a source without moving what is left.
process.setSourceMapsEnabled(false);
