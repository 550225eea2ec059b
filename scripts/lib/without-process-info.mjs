import { registerHooks } from 'node:module';

// Loaded into every test before what tap loads there. Tap's notes about each process and module, for `tap --changed`
// and coverage, cost 0.1 s of processor time per file and as much per process that a test starts; nobody reads them.
const PROCESS_INFO = /\/@tapjs\/processinfo\/dist\/esm\/import\.mjs$/;
const hooks = registerHooks({
  resolve(specifier, context, nextResolve) {
    if (!PROCESS_INFO.test(specifier)) return nextResolve(specifier, context);
    hooks.deregister();
    return { url: 'data:text/javascript,', shortCircuit: true };
  },
});

// Nor are there source maps: Node takes the types out of a source without moving what is left.
process.setSourceMapsEnabled(false);
