import { registerHooks } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

// Loaded into every test, and into every process that a test starts, before what tap loads there.
const isTest = /\.test\.ts$/.test(process.argv[1] ?? '');

// A test gets tap in one file (bundle-tap.ts).
const ROOT = join(import.meta.dirname, '..', '..');
const TAP = pathToFileURL(
  join(ROOT, 'node_modules', '.cache', 'tap', 'node_modules', '@tapjs', 'tap.mjs'),
).href;

// Tap's notes about each process and module, for `tap --changed` and coverage, cost 0.1 s of processor time per file and
// as much per process that a test starts; nobody reads them.
const PROCESS_INFO = '/@tapjs/processinfo/dist/esm/import.mjs';

const hooks = registerHooks({
  resolve(specifier, context, nextResolve) {
    if (specifier === 'tap' && isTest) return { url: TAP, format: 'module', shortCircuit: true };
    if (!specifier.endsWith(PROCESS_INFO)) return nextResolve(specifier, context);
    // Tap asks for them twice in a test: by its options, and by NODE_OPTIONS.
    if (!isTest) hooks.deregister();
    return { url: 'data:text/javascript,', shortCircuit: true };
  },
});

// Nor are there source maps: Node takes the types out of a source without moving what is left.
process.setSourceMapsEnabled(false);
