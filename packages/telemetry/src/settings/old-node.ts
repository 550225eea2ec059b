/** Explains why a Node cannot be traced; undefined for Node 22.15 and newer. */
export function describeOldNode(version: string = process.versions.node): string | undefined {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  if (major > 22 || (major === 22 && minor >= 15)) return undefined;
  return `Node ${version} is older than 22.15, which telemetry needs. The app runs untraced.`;
}
