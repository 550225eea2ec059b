import { createRequire } from 'node:module';

/** Resolves and loads modules as the code of this package does. */
export const ownRequire: NodeJS.Require = createRequire(import.meta.url);

const loaded = new Map<string, unknown>();
let kept: Readonly<Record<string, () => unknown>> = {};

/** Where this code and its parts are one file: each part's name → what loads it. */
export function keepParts(parts: typeof kept): void {
  kept = parts;
}

/**
 * Loads a part of this package that a process may never need, once, and at once: neither `require` nor a listener of a channel
 * can wait.
 *
 * @param name of the package's `imports`, without its `#`; whoever asks says the type of the part
 * @throws MissingPart in a bundle without the installed package
 */
export function load<Part>(name: string): Part {
  if (!loaded.has(name)) loaded.set(name, kept[name]?.() ?? ownRequire(pathOf(name)));
  return loaded.get(name) as Part;
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
