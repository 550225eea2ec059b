/** What package.json of the tarball asks for in `engines`; npm only warns. */
const OLDEST_NODE = [22, 15] as const;

/** Says when this is no Node that telemetry runs on. @param version as `process.versions.node` has it */
export function describeOldNode(version: string = process.versions.node): string | undefined {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  if (major > OLDEST_NODE[0] || (major === OLDEST_NODE[0] && minor >= OLDEST_NODE[1])) return undefined;
  return `This is Node ${version}; @tandem/telemetry needs ${OLDEST_NODE.join('.')} or newer.`;
}
