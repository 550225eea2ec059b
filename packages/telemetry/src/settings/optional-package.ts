import { createRequire } from 'node:module';

/** Resolves and loads modules as the code of this package does. */
export const ownRequire: NodeJS.Require = createRequire(import.meta.url);

const loaded = new Map<string, unknown>();

/**
 * Loads an entry of this package when a process first needs it, at once: neither `require` nor a listener of a channel can
 * wait. The workspace and the tarball have the same entries.
 */
export function loadEntry<T>(name: string): T {
  if (!loaded.has(name)) loaded.set(name, ownRequire(`@tandem/telemetry/${name}`));
  return loaded.get(name) as T;
}
