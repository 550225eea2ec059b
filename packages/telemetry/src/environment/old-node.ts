/** What package.json of the tarball asks for in `engines`; npm only warns. */
const OLDEST = [22, 15] as const;

/** Says when this is no Node that telemetry runs on; undefined when it is. @param version as `process.versions.node` has it */
export function describeOldNode(version: string = process.versions.node): string | undefined {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  if (major > OLDEST[0] || (major === OLDEST[0] && minor >= OLDEST[1])) return undefined;
  return `This is Node ${version}; @tandem/telemetry needs ${OLDEST.join('.')} or newer.`;
}
