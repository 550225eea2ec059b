import type { Finding } from './finding.ts';
import { describeHoles } from './patched-node.js';

/** `engines` in package.json of the tarball. npm only warns. */
const OLDEST_NODE = [22, 15] as const;

/** Explains that this Node is too old; undefined for a new one. @param version as in `process.versions.node` */
export function describeOldNode(version: string = process.versions.node): string | undefined {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  if (major > OLDEST_NODE[0] || (major === OLDEST_NODE[0] && minor >= OLDEST_NODE[1])) return undefined;
  return `This is Node ${version}; @tandem/telemetry needs ${OLDEST_NODE.join('.')} or newer.`;
}

/** Whether a Node has published security holes. @param version as in `process.versions.node` */
export function examineNode(version: string = process.versions.node): Finding {
  const holes = describeHoles(version);
  if (holes === undefined) return { check: 'node', level: 'ok', what: `Node ${version}.` };
  return { check: 'node', level: 'warning', what: holes, fix: 'Install one of them: https://nodejs.org.' };
}
