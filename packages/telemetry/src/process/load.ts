import { createRequire } from 'node:module';

/** Resolves and loads modules as the code of this package does. */
export const ownRequire: NodeJS.Require = createRequire(import.meta.url);

/** The parts that a process loads when it first needs them: each is an entry of this package. */
interface Parts {
  'any-process': typeof import('../any-process/index.ts');
  'code-locations': typeof import('../features/lines/code-locations.ts');
  'console-lines': typeof import('../features/console/console-lines.ts');
  drivers: typeof import('../any-process/drivers/index.ts');
  express: typeof import('../any-process/express/index.ts');
  'fastify-lifecycle': typeof import('../features/lifecycle/fastify-lifecycle.ts');
  'injected-channels': typeof import('../injected-channels/index.ts');
  lean: typeof import('../lean/index.ts');
  lines: typeof import('../features/lines/index.ts');
  profile: typeof import('../features/profile/index.ts');
  propagators: typeof import('../context/propagators.ts');
  sampling: typeof import('../sampling/index.ts');
  tests: typeof import('../features/tests/index.ts');
  undici: typeof import('../undici/official.ts');
}

const loaded: Partial<Parts> = {};

/** Loads a part of this package, once, and at once: neither `require` nor a listener of a channel can wait. */
export function load<Name extends keyof Parts>(name: Name): Parts[Name] {
  loaded[name] ??= ownRequire(`@tandem/telemetry/${name}`) as Parts[Name];
  return loaded[name];
}
