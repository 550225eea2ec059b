import { createRequire } from 'node:module';

/** Resolves and loads modules as the code of this package does. */
export const ownRequire: NodeJS.Require = createRequire(import.meta.url);

/** The parts that a process loads when it first needs them. The package's `imports` name the file of each. */
interface Parts {
  'any-process': typeof import('./any-process/index.ts');
  'code-locations': typeof import('../features/lines/code-locations.ts');
  'console-lines': typeof import('../features/console/console-lines.ts');
  drivers: typeof import('../drivers/published/index.ts');
  express: typeof import('../node/express/index.ts');
  'fastify-lifecycle': typeof import('../features/lifecycle/fastify-lifecycle.ts');
  'injected-channels': typeof import('../drivers/injected/index.ts');
  lean: typeof import('../chosen/lean/index.ts');
  lines: typeof import('../features/lines/index.ts');
  profile: typeof import('../features/profile/index.ts');
  propagators: typeof import('../chosen/propagators/propagators.ts');
  sampling: typeof import('../chosen/sampler/index.ts');
  tests: typeof import('../features/tests/index.ts');
  undici: typeof import('../node/undici/official.ts');
}

const loaded = new Map<string, unknown>();

/**
 * Loads a part of this package, once, and at once: neither `require` nor a listener of a channel can wait.
 *
 * @throws MissingPart in a bundle without the installed package
 */
export function load<Name extends keyof Parts>(name: Name): Parts[Name] {
  if (!loaded.has(name)) loaded.set(name, ownRequire(pathOf(name)));
  return loaded.get(name) as Parts[Name];
}

/** Names of parts that were asked for in this process, and are not there. */
export const missingParts: Set<string> = new Set();

/** A part is nowhere: this code is in a bundle, and its package is not installed beside it. */
class MissingPart extends Error {
  constructor(name: string, cause: unknown) {
    super(`There is no ${name} of @tandem/telemetry.`, { cause });
    missingParts.add(name);
  }
}

/** In a bundle, the nearest package.json is the app's: parts are those of the installed package. */
function pathOf(name: string): string {
  try {
    return createRequire(ownRequire.resolve('@tandem/telemetry')).resolve(`#${name}`);
  } catch (error) {
    throw new MissingPart(name, error);
  }
}

/** What `start` returns; undefined where it needs a part that is missing. @throws any other error of `start` */
export function ifThere<T>(start: () => T): T | undefined {
  try {
    return start();
  } catch (error) {
    if (error instanceof MissingPart) return undefined;
    throw error;
  }
}
