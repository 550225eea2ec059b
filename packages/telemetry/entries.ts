import manifest from './package.json' with { type: 'json' };

/** An entry of the tarball → its source, from this folder: the package's `exports` without what this repository alone takes. */
export const ENTRIES: Readonly<Record<string, string>> = Object.fromEntries(
  Object.entries(manifest.exports)
    .filter(([entry]) => !entry.startsWith('./workspace'))
    .map(([entry, source]) => [entry === '.' ? 'index' : entry.slice(2), source]),
);

/** A part that a process loads when it first needs it → its source: the package's `imports`, which nobody else can name. */
export const PARTS: Readonly<Record<string, string>> = Object.fromEntries(
  Object.entries(manifest.imports).map(([part, source]) => [part.slice(1), source]),
);
