/**
 * Says that a Node has published security holes, and which versions have none; undefined for a patched one.
 * @param version as in `process.versions.node`
 */
export function describeHoles(version: string): string | undefined;
