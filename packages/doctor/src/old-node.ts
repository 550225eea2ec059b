/** `engines` in package.json of the tarball. npm only warns. */
const OLDEST_NODE = [22, 15] as const;

/** Explains that this Node is too old; undefined for a new one. @param version as in `process.versions.node` */
export function describeOldNode(version: string = process.versions.node): string | undefined {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  if (major > OLDEST_NODE[0] || (major === OLDEST_NODE[0] && minor >= OLDEST_NODE[1])) return undefined;
  return `This is Node ${version}; @tandem/telemetry needs ${OLDEST_NODE.join('.')} or newer.`;
}
