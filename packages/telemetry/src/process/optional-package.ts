import { createRequire } from 'node:module';

/** Resolves and loads modules as the code of this package does. */
export const ownRequire: NodeJS.Require = createRequire(import.meta.url);

/** Loads a package, or an entry of this package, that a setting needs. @throws Error that names the package to install */
export function loadFor<T>(setting: string, name: string): T {
  try {
    return ownRequire(name) as T;
  } catch (error) {
    if (Reflect.get(Object(error), 'code') !== 'MODULE_NOT_FOUND') throw error;
    const [packageName] = /^(?:@[^/]+\/)?[^/]+/.exec(name) ?? [];
    throw new Error(`${setting} needs a package: \`npm install ${packageName}\`.`);
  }
}
